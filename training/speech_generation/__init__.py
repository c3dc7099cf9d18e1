"""How the model learns to speak: texts, teachers' pronunciation and voices, clips, the runs that train on them."""

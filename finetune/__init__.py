"""Fine-tuning: data, training and evaluation of the models that ship. Empty until there is something to train on."""

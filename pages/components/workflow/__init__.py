"""The workflow editor: the graph, the form of the selected node, problems, and opening and saving.

draft.py            the workflow that this browser edits, with undo; begin here
draft_address.py    the draft in the URL, and the offer to continue the last one
workflow_bar.py     name, save, undo, start
open_menu.py        saved workflows, drafts, a file, templates
queue_menu.py       add the workflow to the queue; submit_form.py submits it as a job
weights_dialog.py   start a run from the weights of a file
graph_view.py       the graph, drawn by streamlit-agraph
node_choice.py      select a node without the graph
node_form.py        the form of the selected node
shown_values.py     what the form's fields show, also while Undo changes it
node_actions.py     replace, connect, duplicate, copy, bypass or remove the selected node; paste
connect_mode.py     connect two nodes by clicking them
add_dialog.py       search the types of node and add one
layer_table.py      the layers of a network before training
problems.py         the problems of the workflow
fork_preview.py     open a run as a fork, and what the fork would carry over
gallery.py          templates as cards
custom_nodes.py     custom nodes that failed to load
"""

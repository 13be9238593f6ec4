"""The sidebar's uploads: upload images to the server, choose an upload, delete one."""

import streamlit as st

from pages.components.data.data_choice import choose_upload
from pages.components.shell import notices
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pipeline.data.uploads import ENDINGS, LONGEST_NAME, Upload, Uploaded, group_files, keep, remove, uploads
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import UploadExists
from pipeline.formatting import size
from pipeline.runs.home import home
from pipeline.studio.data.uploads import Uses, uses_of

PLACE = "uploads"
FOLDER = "pictures"
"""Default name of the folder for single images."""
SHOWN = 22
"""Number of characters of a name that fit the sidebar."""


def upload_shelf() -> None:
    """The upload field, and a row for each saved upload."""
    st.subheader("Uploads", anchor=False)
    _field()
    notices.show(PLACE)
    found = uploads(home())
    if not found:
        st.caption(
            "No uploads yet. Upload a zip or a tar of images, with one folder for each class; single images; an .npz "
            "file such as MedMNIST's; or IDX files with their labels."
        )
    for upload in found:
        _row(upload)


def _field() -> None:
    key = f"upload {st.session_state.get('upload_number', 0)}"
    files = st.file_uploader(
        "Images",
        ENDINGS,
        accept_multiple_files=True,
        key=key,
        help="Single images uploaded together become one folder. Uploads are saved in GENSCOPE_HOME/uploads, for all "
        "users of this server.",
    )
    if not files:
        return
    if any(parcel.folder for parcel in group_files([Uploaded(file.name, b"") for file in files], FOLDER)):
        st.text_input("Folder name", FOLDER, key="upload_folder", max_chars=LONGEST_NAME)
    st.button(
        "Save upload",
        key="keep_upload",
        icon=":material/save:",
        width="stretch",
        help="Check the files and save them on the server.",
        on_click=_keep,
        args=(key, False),
    )
    if taken := st.session_state.get("uploads_taken"):
        st.warning(f"There is already an upload named {escape(', '.join(taken))}.")
        st.button("Replace it", key="replace_upload", width="stretch", on_click=_keep, args=(key, True))


def _keep(key: str, replacing: bool) -> None:
    """Save the files in the field and show errors. If a name is taken, the field keeps its files."""
    # Read here, because the click may arrive together with text just typed.
    folder = st.session_state.get("upload_folder", FOLDER)
    parcels = group_files([Uploaded(file.name, file.getbuffer()) for file in st.session_state[key]], folder)
    before = st.session_state.pop("uploads_taken", None)
    refused, taken = [], []
    for parcel in parcels:
        if before is not None and parcel.name not in before:
            # Already saved or refused at the first click.
            continue
        try:
            choose_upload(keep(parcel, home(), replacing=replacing).name)
        except UploadExists as error:
            taken.append(error.name)
        except GenscopeError as error:
            refused.append(str(error))
    if refused:
        notices.set_message(" ".join(refused), PLACE)
    if taken:
        st.session_state.uploads_taken = taken
    else:
        # A field with another key is empty, and the server frees the files.
        st.session_state.upload_number = st.session_state.get("upload_number", 0) + 1


def _row(upload: Upload) -> None:
    short = upload.name if len(upload.name) <= SHOWN else f"{upload.name[: SHOWN - 9]}…{upload.name[-8:]}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            escape(short),
            key=f"choose {upload.name}",
            type="tertiary",
            help=f"Show {escape(upload.name)}",
            on_click=choose_upload,
            args=(upload.name,),
        )
        st.space("stretch")
        st.caption(size(upload.size), width="content")
        st.button(
            "",
            key=f"delete {upload.name}",
            icon=":material/delete:",
            type="tertiary",
            help=f"Delete {escape(upload.name)}",
            on_click=_ask_to_delete,
            args=(upload.name,),
        )
    if st.session_state.get("upload_to_delete") == upload.name:
        _confirm(upload.name, uses_of(upload.name, home(), store()))


def _ask_to_delete(name: str) -> None:
    st.session_state.upload_to_delete = name


def _confirm(name: str, needed: Uses) -> None:
    with st.container(border=True):
        st.markdown(f"Delete **{escape(name)}** permanently? {_needed(needed)}")
        with st.container(horizontal=True):
            st.button("Delete", key="confirm_delete", type="primary", on_click=_delete, args=(name, True))
            st.button("Cancel", key="keep_it", on_click=_delete, args=(name, False))


def _needed(needed: Uses) -> str:
    sentences = []
    if needed.workflows:
        sentences.append(f"The saved workflow {escape(', '.join(needed.workflows))} uses it.")
    if needed.runs:
        count = "One run was" if len(needed.runs) == 1 else f"{len(needed.runs):,} runs were"
        sentences.append(f"{count} trained on it and could not be resumed.")
    return " ".join(sentences) or "No saved workflow and no run uses it."


def _delete(name: str, confirmed: bool) -> None:
    st.session_state.pop("upload_to_delete", None)
    if confirmed:
        notices.run_command_at(PLACE, remove, name, home())

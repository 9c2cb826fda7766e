namespace Agora.Client.Http.Sealing;

/// <summary>A key ring's file, which its owner alone can read, and one process at a time writes. It is replaced as a whole, and what was written is on the disk when it is said to be.</summary>
internal sealed class RingFile(string path)
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">There is a file already.</exception>
    public void Create(RingState state)
    {
        using (Opened(path, FileMode.CreateNew))
        {
            // Whose name it is, is settled by this.
        }

        Replace(state);
    }

    public void Replace(RingState state)
    {
        var next = path + ".new";
        File.Delete(next); // Of a process that ended in the middle; nobody was told of it.
        using var file = Opened(next, FileMode.CreateNew);
        file.Write(state.Json());
        file.Flush(flushToDisk: true);
        File.Move(next, path, overwrite: true);
        file.Flush(flushToDisk: true); // The new name too.
    }

    /// <exception cref="KeyRingInvalidException">It is no key ring, or others can read it.</exception>
    public RingState Read()
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(OwnersAlone | UnixFileMode.UserExecute)) != 0)
        {
            throw new KeyRingInvalidException($"Others than its owner have access to {path}: chmod 600 takes that away.");
        }

        return RingState.Read(File.ReadAllBytes(path));
    }

    private static FileStream Opened(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnersAlone;
        }

        return new(path, options);
    }
}

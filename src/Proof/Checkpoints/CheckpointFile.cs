using System.Text;
using Agora.Journal;

namespace Agora.Proof.Checkpoints;

/// <summary>
/// A file with one token a line, only ever appended to, and synced before a checkpoint counts as taken. One process writes it: a cluster
/// names a URL.
/// </summary>
public sealed class CheckpointFile(string path) : ICheckpointSink
{
    /// <summary>Far above a token's length.</summary>
    private const int MostLine = 8 * 1024;

    public async Task Take(Checkpoint checkpoint, CancellationToken cancel)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            var last = await LastLine(file, cancel);
            if (last == checkpoint.Token) return; // taken before a crash that came before the mark
            file.Seek(0, SeekOrigin.End);
            await file.WriteAsync(Encoding.ASCII.GetBytes(checkpoint.Token + "\n"), cancel);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointSinkException($"{path}: {e.Message}", e);
        }
    }

    // Half a line is what a crash left of a checkpoint that was never taken: it goes, and the whole one comes.
    private static async Task<string?> LastLine(FileStream file, CancellationToken cancel)
    {
        file.Seek(Math.Max(0, file.Length - MostLine), SeekOrigin.Begin);
        using var reader = new StreamReader(file, Encoding.ASCII, leaveOpen: true);
        var text = await reader.ReadToEndAsync(cancel);
        var whole = text.LastIndexOf('\n') + 1;
        if (whole < text.Length)
        {
            file.SetLength(file.Length - (text.Length - whole));
        }

        return whole == 0 ? null : text[..(whole - 1)].Split('\n')[^1];
    }
}

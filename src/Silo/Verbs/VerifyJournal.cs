using Agora.Hosting;
using Agora.Journal;
using Agora.Proof.Checkpoints;

namespace Agora.Silo.Verbs;

/// <summary><c>verify-journal</c>: every row of every stream and every checkpoint, beside a running server too. Exit code 1 when anything is broken.</summary>
internal static class VerifyJournal
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            var settings = AgoraSettings.Read(CommandLine.Configuration(args));
            await using var journal = await Store.Open(settings, new DataDirectory(settings), readOnly: true);
            // The copy first: what is added to both meanwhile is in the journal by the time that is read.
            var copy = settings.CheckpointSink is { } file && File.Exists(file) ? await File.ReadAllLinesAsync(file) : null;
            var report = await Verifier.Verify(journal, place => Console.WriteLine($"broken: stream {place.Stream}, seq {place.Seq}: {place.What}"), CancellationToken.None);
            var checkpoints = await new CheckpointVerifier(journal, what => Console.WriteLine($"broken: {what}")).Verify(copy, CancellationToken.None);
            Console.WriteLine(report.Summary);
            Console.WriteLine($"{checkpoints.Checkpoints} checkpoints over {checkpoints.Rows} rows, {checkpoints.Broken} broken{Compared(settings, copy)}.");
            return report.Broken + checkpoints.Broken == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException)
        {
            return CommandLine.Refuse(e.Message);
        }
    }

    private static string Compared(AgoraSettings settings, string[]? copy) =>
        copy is null ? "; compared with no copy (AGORA_CHECKPOINT_SINK names a file)" : $"; compared with {copy.Length} in {settings.CheckpointSink}";
}

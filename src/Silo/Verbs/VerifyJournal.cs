using Agora.Hosting;
using Agora.Journal;

namespace Agora.Silo.Verbs;

/// <summary><c>verify-journal</c>: every row of every stream, beside a running server too. Exit code 1 when anything is broken.</summary>
internal static class VerifyJournal
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            var settings = AgoraSettings.Read(CommandLine.Configuration(args));
            await using var journal = await Store.Open(settings, new DataDirectory(settings), readOnly: true);
            var report = await Verifier.Verify(journal, place => Console.WriteLine($"broken: stream {place.Stream}, seq {place.Seq}: {place.What}"), CancellationToken.None);
            Console.WriteLine(report.Summary);
            return report.Broken == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException)
        {
            return CommandLine.Refuse(e.Message);
        }
    }
}

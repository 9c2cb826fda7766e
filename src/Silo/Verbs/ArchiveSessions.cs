using System.Diagnostics;
using System.Globalization;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Journal;

namespace Agora.Silo.Verbs;

/// <summary>
/// <c>archive --older-than-days N</c>: sessions that ended so long ago. Beside running servers on PostgreSQL; on SQLite no server may be running, and one with AGORA_ARCHIVE_AFTER_DAYS does it
/// by itself. May be ended at any time, and goes on from there. Exit code 1: rows of some cannot be read, and the others are archived.
/// </summary>
internal static class ArchiveSessions
{
    private static readonly TimeSpan ShownEvery = TimeSpan.FromSeconds(10);
    private const string Flag = "--older-than-days";

    public static async Task<int> Run(string[] args)
    {
        try
        {
            var at = Array.IndexOf(args, Flag);
            if (at < 0 || at + 1 == args.Length || !int.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days > Limits.ArchiveAfterDaysMost)
            {
                throw new SettingException($"{Flag} needs a number of days, 0 to {Limits.ArchiveAfterDaysMost}.");
            }

            var settings = AgoraSettings.Read(CommandLine.Configuration([.. args[..at], .. args[(at + 2)..]]), serves: false);
            await using var journal = await Store.OpenExisting(settings, new DataDirectory(settings));
            using var stop = new CancellationTokenSource();
            Console.CancelKeyPress += (_, pressed) =>
            {
                pressed.Cancel = true;
                stop.Cancel();
            };
            var (archive, watch, shown) = (new SessionArchive(journal, TimeProvider.System), Stopwatch.StartNew(), TimeSpan.Zero);
            try
            {
                await archive.Run(
                    TimeSpan.FromDays(days),
                    () =>
                    {
                        if (watch.Elapsed - shown < ShownEvery) return;

                        shown = watch.Elapsed;
                        Console.Error.WriteLine($"{archive.Done} so far");
                    },
                    stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Console.Error.WriteLine("Interrupted: the same command goes on from here.");
            }

            Console.WriteLine(archive.Done);
            return archive.Done.Broken == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException or JournalUnknownException)
        {
            return CommandLine.Refuse(e.Message);
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Replay.Checking;

namespace Agora.Silo.Verbs;

/// <summary>
/// <c>check</c>: the simulator's rules over this journal as it stands at one moment, beside a running server too. It writes nothing. Exit code 0: all of them hold; 1: some do not, each in a line;
/// 2: it could not look.
/// </summary>
internal static class Check
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            var settings = AgoraSettings.Read(CommandLine.Configuration(args), serves: false);
            var data = new DataDirectory(settings);
            await using var journal = await Store.OpenMoment(settings, data);
            var masterKey = data.GivenMasterKey ?? throw new SettingException("check reads what is sealed as well: give the master key that the journal was written with.");
            await SharedKeys.RequireMasterKey(journal, data);
            using var keys = new PersonalKeys(journal, masterKey, RandomNumberGenerator.Fill, TimeProvider.System, timeToLive: TimeSpan.MaxValue);
            using var bar = new ProgressLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
            using var check = new JournalCheck(journal, keys, violation => { bar.Clear(); Console.WriteLine(Said(violation)); }, bar.Show);
            var watch = Stopwatch.StartNew();
            var report = await check.Run(CancellationToken.None);
            bar.Clear();
            Console.WriteLine(Summary(report, watch.Elapsed));
            return report.Violations == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is MasterKeyException or SettingException or JournalRefusedException or JournalUnavailableException or IOException)
        {
            return CommandLine.Refuse(e.Message);
        }
    }

    private static string Said(Violation violation) => violation.Stream is { } stream
        ? $"violation: stream {stream}, seq {violation.Seq}, {violation.Rule}: {violation.What}"
        : $"violation: {violation.Rule}: {violation.What}";

    private static string Summary(CheckReport report, TimeSpan took) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {report.Streams} streams, {report.Rows} rows, {report.Entries} entries, {report.Events} events, up to {report.UpTo?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "their beginning"}
        {report.Runs} runs, {report.Holds} holds ({report.OpenHolds} open), {report.Transfers} transfers ({report.TransfersInTransit} in transit with {Money.FormatCents(report.InTransitMicros)} cents), {report.Payments} payments by x402
        {report.TableRows} rows of {report.Tables} tables compared with what the journal makes of them
        {report.Violations} violations of {Rules.All.Count} rules ({string.Join(", ", Rules.All)}) in {took.TotalSeconds:0.0} s
        """);
}

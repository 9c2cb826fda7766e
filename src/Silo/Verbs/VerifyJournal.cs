using System.Security.Cryptography;
using Agora.Crypto;
using Agora.Hosting;
using Agora.Journal;
using Agora.Proof.Checkpoints;
using Agora.Proof.Keys;

namespace Agora.Silo.Verbs;

/// <summary>
/// <c>verify-journal [--key KID]…</c>: every row of every stream, every checkpoint and, with the master key, every snapshot (if no row is broken), beside a
/// running server too. Exit code 1 when anything is broken. Checkpoints may be signed by the keys that are named, else by those that the master key vouches for; where neither is given the
/// database is believed, and the last line says so.
/// </summary>
internal static class VerifyJournal
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            var (pinned, rest) = Pinned(args);
            var settings = AgoraSettings.Read(CommandLine.Configuration(rest), serves: false);
            var data = new DataDirectory(settings);
            await using var journal = await Store.Open(settings, data, readOnly: true);
            // The copy first: what is added to both meanwhile is in the journal by the time that is read.
            var copy = settings.CheckpointSink is { } file && File.Exists(file) ? await File.ReadAllLinesAsync(file) : null;
            var report = await Verifier.Verify(journal, place => Console.WriteLine($"broken: stream {place.Stream}, seq {place.Seq}: {place.What}"), CancellationToken.None);
            var (keys, doubts, believed) = await Believed(journal, pinned, data.GivenMasterKey);
            foreach (var doubt in doubts) Console.WriteLine($"broken: {doubt}");
            var checkpoints = await new CheckpointVerifier(journal, keys, what => Console.WriteLine($"broken: {what}")).Verify(copy, CancellationToken.None);
            Console.WriteLine(report.Summary);
            Console.WriteLine($"{checkpoints.Checkpoints} checkpoints over {checkpoints.Rows} rows, {checkpoints.Broken + doubts.Count} broken{Compared(settings, copy)}.");
            var snapshots = report.Broken == 0 ? await Snapshots(journal, data.GivenMasterKey) : 0;
            Console.WriteLine(believed);
            return report.Broken + checkpoints.Broken + doubts.Count + snapshots == 0 ? 0 : 1;
        }
        catch (CryptographicException e)
        {
            return CommandLine.Refuse($"The master key does not open the signing keys of this journal: it is another one, or they were changed ({e.Message}).");
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException)
        {
            return CommandLine.Refuse(e.Message);
        }
    }

    private static async Task<(IReadOnlyList<Jwk> Keys, IReadOnlyList<string> Doubts, string Believed)> Believed(IJournal journal, List<string> pinned, byte[]? masterKey)
    {
        if (pinned.Count > 0)
        {
            var there = await SigningKeys.PublicOf(journal, CancellationToken.None);
            var missing = pinned.Where(id => there.All(key => key.KeyId != id)).Select(id => $"There is no signing key '{id}' in this journal.");
            return ([.. there.Where(key => pinned.Contains(key.KeyId))], [.. missing], "Signed by the keys that were named.");
        }

        if (masterKey is null)
        {
            return (await SigningKeys.PublicOf(journal, CancellationToken.None), [], "Signed by keys for which only the database itself vouches: give the master key, or --key KID.");
        }

        using var keys = new SigningKeys(journal, masterKey, TimeProvider.System);
        return (await keys.Public(CancellationToken.None), await keys.Doubts(CancellationToken.None), "Signed by keys that the master key vouches for.");
    }

    private static async Task<long> Snapshots(IJournal journal, byte[]? masterKey)
    {
        if (masterKey is null)
        {
            Console.WriteLine("Snapshots were not checked: their codes need the master key.");
            return 0;
        }

        var report = await SnapshotVerifier.Verify(journal, new(masterKey), place => Console.WriteLine($"broken: stream {place.Stream}, seq {place.Seq}: {place.What}"), CancellationToken.None);
        Console.WriteLine(report.Summary);
        return report.Broken;
    }

    private static (List<string> KeyIds, string[] Others) Pinned(string[] args)
    {
        var (ids, rest) = (new List<string>(), new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--key")
                ids.Add(++i < args.Length ? args[i] : throw new SettingException("--key needs a value."));
            else
                rest.Add(args[i]);
        }

        return (ids, [.. rest]);
    }

    private static string Compared(AgoraSettings settings, string[]? copy) =>
        copy is null ? "; compared with no copy (AGORA_CHECKPOINT_SINK names a file)" : $"; compared with {copy.Length} in {settings.CheckpointSink}";
}

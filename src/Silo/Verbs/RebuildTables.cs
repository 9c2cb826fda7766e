using System.Security.Cryptography;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Silo.Verbs;

/// <summary><c>rebuild</c>: the query tables anew, from the journal. No server may be running.</summary>
internal static class RebuildTables
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            var settings = AgoraSettings.Read(CommandLine.Configuration(args), serves: false);
            var data = new DataDirectory(settings);
            await using var owned = await Store.Own(settings, alone: true);
            await using var journal = await Store.OpenExisting(settings, data);
            using var keys = new PersonalKeys(journal, data.MasterKey, RandomNumberGenerator.Fill, TimeProvider.System);
            var (streams, rows) = await new Rebuilder(journal, keys).Run(CancellationToken.None);
            Console.WriteLine($"Rebuilt: {streams} streams read, {rows} rows written.");
            return 0;
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException)
        {
            return CommandLine.Refuse(e.Message);
        }
    }
}

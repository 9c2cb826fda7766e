using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Silo.Settings;

namespace Agora.Silo.Verbs;

/// <summary><c>rebuild</c>: the query tables anew, from the journal. The server must not be running.</summary>
internal static class RebuildTables
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            var settings = AgoraSettings.Read(Usage.Configuration(args));
            await using var services = new ServiceCollection().AddLogging().AddAgora(settings, new(settings.DataDirectory)).BuildServiceProvider();
            var (streams, rows) = await new Rebuilder(services.GetRequiredService<EntityPorts>()).Run(CancellationToken.None);
            Console.WriteLine($"Rebuilt: {streams} streams read, {rows} rows written.");
            return 0;
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException)
        {
            return Usage.Refuse(e.Message);
        }
    }
}

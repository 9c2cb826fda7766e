using Agora.Api.Http;
using Agora.Hosting;

namespace Agora.Api.Hosts;

/// <summary>
/// Who may come in: operators by the key in AGORA_ADMIN_KEY or those in the data directory, agents by the platform key
/// (AGENT_API_KEY, or with --demo one made for it; otherwise there is none, for nobody meant a demo's key to vouch for users later) or by keys of their own.
/// </summary>
/// <param name="PlatformLeft">The demo's platform key is there, and counts for nothing.</param>
public sealed record AccessKeys(string? Platform, string Admin, IReadOnlyList<AdminKey> Operators, IReadOnlyList<string> Made, bool PlatformLeft = false)
{
    public const string AdminName = "admin";
    public const string PlatformName = "platform";

    public static AccessKeys Read(AgoraSettings settings, DataDirectory data)
    {
        var made = new List<string>();
        var admin = settings.AdminKey ?? Key(data, AdminName, made);
        var platform = settings.PlatformKey ?? (settings.Demo ? Key(data, PlatformName, made) : null);
        var named = data.AccessKeyNames()
            .Where(n => n != PlatformName && (n != AdminName || settings.AdminKey is null))
            .Select(n => new AdminKey(n, Credentials.Hash(data.AccessKey(n).Key)));
        return new(platform, admin, settings.AdminKey is { } given ? [new(AdminName, Credentials.Hash(given)), .. named] : [.. named], made, platform is null && File.Exists(data.FileOf(PlatformName)));
    }

    /// <summary>Says where new keys are; prints them only to a terminal, never into a log.</summary>
    public void Announce(DataDirectory data)
    {
        foreach (var name in Made)
        {
            Console.WriteLine($"A new {name} key was made: {data.FileOf(name)}");
            if (!Console.IsOutputRedirected)
            {
                Console.WriteLine($"  {data.AccessKey(name).Key}");
            }
        }

        if (PlatformLeft)
        {
            Console.WriteLine($"The demo's platform key is not used without --demo: to keep it, set AGENT_API_KEY_FILE={data.FileOf(PlatformName)}");
        }
    }

    private static string Key(DataDirectory data, string name, List<string> made)
    {
        var (key, isNew) = data.AccessKey(name);
        if (isNew)
        {
            made.Add(name);
        }

        return key;
    }
}

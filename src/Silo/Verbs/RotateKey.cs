using System.Text.RegularExpressions;
using Agora.Api.Hosts;
using Agora.Hosting;

namespace Agora.Silo.Verbs;

/// <summary><c>rotate-key NAME</c>: a new operators' key; printed to a terminal, else only its file is named.</summary>
internal static partial class RotateKey
{
    public static int Run(string[] args)
    {
        try
        {
            if (args is not [var name, .. var rest] || !Name().IsMatch(name))
            {
                return CommandLine.Refuse("rotate-key needs a NAME of 1 to 64 letters, digits, '.', '_' or '-'.");
            }

            var settings = AgoraSettings.Read(CommandLine.Configuration(rest), serves: false);
            if (Elsewhere(name, settings) is { } why) return CommandLine.Refuse(why);

            var data = new DataDirectory(settings);
            var isReplaced = File.Exists(data.FileOf(name));
            var key = data.Rotate(name);
            Console.WriteLine($"The new key '{name}' is in {data.FileOf(name)}. Restart the server now: {(isReplaced ? "the new key works, and the old one stops, only then" : "the key works only then")}.");
            if (!Console.IsOutputRedirected)
            {
                Console.WriteLine(key);
            }

            return 0;
        }
        catch (SettingException e)
        {
            return CommandLine.Refuse(e.Message);
        }
    }

    /// <summary>Null, or why a new file would change nothing: the server takes this key from somewhere else.</summary>
    private static string? Elsewhere(string name, AgoraSettings settings) => name switch
    {
        AccessKeys.AdminName when settings.AdminKey is not null => "AGORA_ADMIN_KEY is set, and the server takes the key 'admin' from there: change it there, and restart the server.",
        AccessKeys.PlatformName when settings.PlatformKey is not null => "AGENT_API_KEY is set, and the server takes the platform key from there: change it there, and restart the server.",
        AccessKeys.PlatformName when !File.Exists(new DataDirectory(settings).FileOf(name)) => "'platform' is no operators' key: the platform key is in AGENT_API_KEY.",
        _ when !Directory.Exists(settings.DataDirectory) => $"--data / AGORA_DATA: there is no directory '{settings.DataDirectory}'. {(settings.Postgres is null
            ? "Name the one that the server is started with."
            : "Without one the server has its operators' keys from AGORA_ADMIN_KEY and AGORA_OPERATOR_KEYS: change the key there, and restart the server.")}",
        _ => null,
    };

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex Name();
}

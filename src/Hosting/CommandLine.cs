using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Agora.Hosting;

/// <summary>The command line, and how it becomes settings.</summary>
public static partial class CommandLine
{
    private static readonly string[] Switches = ["--demo", "--once"];
    private static readonly string[] Values = ["--urls", "--data", "--postgres", "--tls-cert", "--tls-key", "--against", "--text-service"];

    /// <summary>A line on standard error and exit code 2. User information of an address that the line repeats is left out: it may be a password.</summary>
    public static int Refuse(string message)
    {
        Console.Error.WriteLine(UserInformation().Replace(message, "//…@"));
        return 2;
    }

    /// <summary>Flags over environment over appsettings(.Environment).json.</summary>
    /// <exception cref="SettingException">An argument, a file's key or a name in the environment that is not known, or an argument that lacks its value.</exception>
    public static IConfiguration Configuration(string[] args)
    {
        EnvironmentNames.Check(Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Where(v => v.Value is string { Length: > 0 }).Select(v => (string)v.Key));
        return new ConfigurationBuilder()
            .AddConfiguration(SettingsFile.Read("appsettings.json"))
            .AddConfiguration(SettingsFile.OfEnvironment())
            .AddEnvironmentVariables()
            .AddInMemoryCollection(Flags(args))
            .Build();
    }

    private static Dictionary<string, string?> Flags(string[] args)
    {
        // An environment variable of the same name (URLS, DATA) is no flag: what is not given is set to nothing.
        var flags = new Dictionary<string, string?>(StringComparer.Ordinal) { ["urls"] = null, ["data"] = null, ["demo"] = null, ["once"] = null, ["against"] = null };
        for (var i = 0; i < args.Length; i++)
        {
            var (name, inline) = args[i].Split('=', 2) is [var n, var v] ? (n, v) : (args[i], null);
            if (Switches.Contains(name) && inline is null)
            {
                flags[name[2..]] = "true";
            }
            else if (Values.Contains(name) && (inline ?? (i + 1 < args.Length ? args[++i] : null)) is { Length: > 0 } value)
            {
                flags[name[2..]] = value;
            }
            else
            {
                throw new SettingException(Values.Contains(name) ? $"{name} needs a value." : $"'{args[i]}' is not known; see ./run --help.");
            }
        }

        return flags;
    }

    [GeneratedRegex(@"//[^\s'@]*@")]
    private static partial Regex UserInformation();
}

using System.Text.RegularExpressions;
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

            var data = new DataDirectory(AgoraSettings.Read(CommandLine.Configuration(rest)));
            var key = data.Rotate(name);
            Console.WriteLine($"The new key '{name}' is in {data.FileOf(name)}. The old one stops working when the server restarts.");
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

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex Name();
}

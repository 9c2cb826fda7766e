using Agora.Api.Hosts;
using Agora.Hosting;

namespace Agora.Silo;

/// <summary>What a server says once it serves: where its keys stand, never a key, and in development how a first run is made.</summary>
internal static class Banner
{
    public static void Print(AgoraSettings settings, DataDirectory data, string url, TextWriter print)
    {
        print.WriteLine($"Keys: operators' {Place("AGORA_ADMIN_KEY", settings.AdminKey, data.FileOf(AccessKeys.AdminName))}; platform {Platform(settings, data)}");
        if (settings.Console)
        {
            print.WriteLine($"Console: {url}/console");
        }

        if (!settings.IsDevelopment) return;

        print.WriteLine("Development: services may be at loopback addresses, for others cannot reach this server as it is set; AGORA_OUTBOUND_ALLOW ends that.");
        if (settings.Demo) return;

        print.WriteLine("A first run, in another terminal: the first command stays, the others go into a third.");
        print.WriteLine($"  ./run quickstart{Flags(settings)}");
        print.WriteLine($"  {FirstRun.LogIn(url, FirstRun.KeyFile(data.Path))}");
        print.WriteLine($"  {FirstRun.Run(url, FirstRun.SampleInput)}");
    }

    private static string Platform(AgoraSettings settings, DataDirectory data) =>
        settings is { PlatformKey: null, Demo: false } ? "none (AGENT_API_KEY), agents log in with keys of their own" : Place("AGENT_API_KEY", settings.PlatformKey, data.FileOf(AccessKeys.PlatformName));

    private static string Place(string setting, string? given, string file) => given is null ? $"in {file}" : $"as {setting} gives it";

    // What differs from what quickstart would take by itself.
    private static string Flags(AgoraSettings settings) =>
        (settings.Urls == AgoraSettings.UrlsDefault ? "" : $" --urls {settings.Urls.Split(';')[0]}")
        + (settings.DataDirectory == Path.GetFullPath(AgoraSettings.DataDefault) ? "" : $" --data '{settings.DataDirectory}'");
}

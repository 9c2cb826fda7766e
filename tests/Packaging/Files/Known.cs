using Agora.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Agora.Packaging;

/// <summary>What the program itself says, for files to agree with.</summary>
internal static class Known
{
    /// <summary>How long a process takes at most to finish what it has begun, once told to stop.</summary>
    public static readonly TimeSpan Drain = new HostOptions().ShutdownTimeout;

    public static readonly AgoraSettings Defaults = AgoraSettings.Read(new ConfigurationBuilder().Build());

    /// <summary>What an image listens on: the Production file.</summary>
    public static int HttpPort { get; } = new Uri(AgoraSettings.Read(new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.Production.json")).Build()).Urls).Port;

    public static string[] ClusterTls { get; } = ["AGORA_CLUSTER_TLS_CA", "AGORA_CLUSTER_TLS_CERT", "AGORA_CLUSTER_TLS_KEY"];

    /// <summary>What the program makes of settings whose secrets are those that were made.</summary>
    public static AgoraSettings Reads(MadeSecrets made, IReadOnlyDictionary<string, string> settings) => AgoraSettings.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Where(s => s.Key.StartsWith("AGORA_CLUSTER_", StringComparison.Ordinal)).Select(s => KeyValuePair.Create(s.Key, (string?)made[Path.GetFileName(s.Value)])))
        .Build());

    public static void AreSettings(IEnumerable<string> names) =>
        Assert.Empty(names.Where(n => n != "DOTNET_ENVIRONMENT" && !n.StartsWith("OTEL_", StringComparison.Ordinal)).Except(AgoraSettings.Names(), StringComparer.Ordinal));
}

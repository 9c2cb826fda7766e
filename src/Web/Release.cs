using System.Reflection;

namespace Agora.Web;

/// <summary>Which release this is, as every reply and the OpenAPI document say it: the version of the changelog, without the commit.</summary>
internal static class Release
{
    public const string Header = "Agora-Version";

    private static readonly string? Informational = typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public static string Version { get; } = Informational?.Split('+')[0] ?? "unknown";

    /// <summary>The product with version and commit of this build.</summary>
    public static string Build { get; } = $"Agora {Informational ?? "of unknown version"}";
}

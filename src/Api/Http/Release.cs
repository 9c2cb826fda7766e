using System.Reflection;

namespace Agora.Api.Http;

/// <summary>Which release this is, as every reply and the OpenAPI document say it: the version of the changelog, without the commit.</summary>
internal static class Release
{
    public const string Header = "Agora-Version";

    public static string Version { get; } =
        typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}

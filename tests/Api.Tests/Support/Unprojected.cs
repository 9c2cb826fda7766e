using System.Text.RegularExpressions;

namespace Agora.Api.Tests.Support;

/// <summary>What was read, to be compared with what is read later: a time that is projected moves by itself.</summary>
internal static partial class Unprojected
{
    public static string WithoutProjections(this string read) => ProjectedAt().Replace(read, "\"projected_at\":");

    [GeneratedRegex("\"projected_at\":\"[^\"]*\"")]
    private static partial Regex ProjectedAt();
}

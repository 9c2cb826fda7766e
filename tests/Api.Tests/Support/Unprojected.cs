using System.Text.RegularExpressions;

namespace Agora.Api.Tests.Support;

/// <summary>What was read, to be compared with what is read later: a time that is projected moves by itself, as does why none is.</summary>
internal static partial class Unprojected
{
    public static string WithoutProjections(this string read) => Projection().Replace(read, "");

    [GeneratedRegex("\"(projected_at|not_projected)\":(null|\"[^\"]*\")")]
    private static partial Regex Projection();
}

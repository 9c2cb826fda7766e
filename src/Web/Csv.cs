using System.Text;
using System.Text.RegularExpressions;
using Agora.Application.Operations;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>Tables as text (RFC 4180), for who asks for them: <c>Accept: text/csv</c>.</summary>
internal static partial class Csv
{
    public const string ContentType = $"{MediaTypes.Csv}; charset=utf-8; header=present";

    public static bool IsWanted(StringValues accept) =>
        Acceptable.Ranges(accept).Any(type => type.MediaType.Equals(MediaTypes.Csv, StringComparison.OrdinalIgnoreCase));

    public static StringBuilder Row(this StringBuilder csv, params IEnumerable<string> fields) => csv.AppendJoin(',', fields.Select(Quoted)).Append("\r\n");

    /// <summary>
    /// Prose of anyone: what a spreadsheet would take for a formula begins with an apostrophe. Some take the wide forms of these signs for them. Within it too, behind what parts
    /// cells elsewhere: where that is a semicolon or a tab, the quotes around a cell do not hold it together.
    /// </summary>
    public static string Prose(string? text) => text is null ? "" : Formula().Replace(text, "$1'$2");

    [GeneratedRegex("(^|[;\\t\\r\\n]\\s*)([=+\\-@\uFF1D\uFF0B\uFF0D\uFF20])")]
    private static partial Regex Formula();

    /// <summary>Also what another country's spreadsheet takes for the end of a cell.</summary>
    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(",;\t\"\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}

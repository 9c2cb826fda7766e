using System.Globalization;
using System.Text;
using Agora.Models;

namespace Agora.JsonSchema.Evaluating;

/// <summary>
/// Where in the instance an evaluation is, as a chain up to the root (null). Made only while collecting, and written
/// as a pointer only for a violation, so a valid instance never pays for it.
/// </summary>
internal sealed record InstancePath(InstancePath? Parent, string Segment)
{
    // 100 violations of a 256 KiB member name would otherwise make an answer of 25 MB.
    private const int MaxSegmentLength = 256;

    public static InstancePath? Member(ValidationRun run, InstancePath? path, ReadOnlySpan<char> name) =>
        run.Collects ? new InstancePath(path, name.ToString()) : null;

    public static InstancePath? Item(ValidationRun run, InstancePath? path, int index) =>
        run.Collects ? new InstancePath(path, index.ToString(CultureInfo.InvariantCulture)) : null;

    public static string Write(InstancePath? path)
    {
        var segments = new Stack<string>();
        for (; path is not null; path = path.Parent)
            segments.Push(path.Segment);
        var text = new StringBuilder();
        foreach (string segment in segments)
            text.Append('/').Append(Shorten(segment).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        return text.ToString();
    }

    public static string Shorten(string text, int length = MaxSegmentLength) =>
        text.Length <= length ? text : $"{text.AsSpan(0, Graphemes.Fit(text, length))}…";
}

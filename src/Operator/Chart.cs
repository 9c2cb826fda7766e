using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agora.Operator;

/// <summary>A series as a line in a box of <see cref="Width"/> by <see cref="Height"/>: drawn by the server, so it is there without a script, and read again with its page.</summary>
/// <param name="Top">The largest value; 0: nothing happened.</param>
/// <param name="Last">The newest value that is known.</param>
public sealed record Chart(string Path, decimal Top, decimal Last, string From, string To)
{
    public const int Width = 300;
    public const int Height = 60;

    /// <param name="points">Objects with a time, oldest first; what has no value in between is a gap.</param>
    public static Chart Of(JsonElement points, string time, string name)
    {
        var values = points.EnumerateArray().Select(point => Shown.Number(point, name)).ToList();
        var top = values.Max() ?? 0;
        var path = new StringBuilder();
        var step = values.Count > 1 ? (decimal)Width / (values.Count - 1) : 0;
        for (var (i, drawn) = (0, false); i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                drawn = false;
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{(drawn ? 'L' : 'M')}{i * step:0.#} {(top == 0 ? Height : Height - (value / top * Height)):0.#}");
            drawn = true;
        }

        return new(path.ToString(), top, values.LastOrDefault(static value => value is not null) ?? 0, Text(points, 0, time), Text(points, values.Count - 1, time));
    }

    private static string Text(JsonElement points, int at, string time) => at < 0 || at >= points.GetArrayLength() ? "" : points[at].GetProperty(time).GetString()!;
}

using System.Globalization;

namespace Agora.Simulation;

/// <summary>The seeds of <c>once-red.txt</c>: each found something once, and is run for ever.</summary>
public static class OnceRed
{
    public static IReadOnlyList<int> Seeds { get; } =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "once-red.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture)),
    ];
}

using System.Globalization;
using Agora.Simulation.Plants;

namespace Agora.Simulation;

/// <summary>What the command line asks for.</summary>
/// <param name="Seeds">In this order.</param>
/// <param name="For">No other seed is begun after this long; null: all of them are run.</param>
/// <param name="Threads">Seeds at once; each has a thread of its own.</param>
/// <param name="Planted">Plant each bug in turn, and say after how many seeds it is found.</param>
/// <param name="RecordTo">A folder for what each seed's deciders were asked and said.</param>
/// <param name="PlayBack">A folder with such: today's deciders are asked the same, and each difference counts.</param>
/// <param name="Log">Tell on standard error all that happens.</param>
public sealed record Arguments(string What, IEnumerable<int> Seeds, TimeSpan? For, int Threads, Plant Plant, bool Planted, bool Log, string? RecordTo = null, string? PlayBack = null)
{
    public static string Usage { get; } = $$"""
        usage: --seed N | --seeds N [--from N] | --fresh SECONDS [--from N] | --once-red | --planted | --play-back FOLDER
          [--threads N]   seeds at once, as many as there are processors if it is not said
          [--plant NAME]  with a bug: {{Plants()}}
          [--record FOLDER]  what each decider was asked, and what it said; --play-back asks the deciders of this release the same, and compares byte for byte
          [--log]         everything that happens, on standard error
        --fresh begins at a seed of its own, which it prints, and ends after so many seconds; --once-red runs the seeds that were ever red.
        """;

    private static string Plants() => string.Join(",\n                  ", Plant.All.Select(plant => plant.Name).Chunk(6).Select(line => string.Join(", ", line)));

    /// <summary>Fresh seeds begin above those that everybody runs.</summary>
    private const int FreshFrom = SeedOptions.SentimentsAbove + 1;

    /// <summary>So many seeds follow wherever fresh ones begin: more than a night runs.</summary>
    private const int FreshAtLeast = 1_000_000;

    /// <returns>Null: it cannot be understood.</returns>
    public static Arguments? Parse(IReadOnlyList<string> args)
    {
        var (names, plant, flags) = (new Dictionary<string, int>(StringComparer.Ordinal), Plant.None, new HashSet<string>(StringComparer.Ordinal));
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--planted" or "--log" or "--once-red")
            {
                flags.Add(args[i]);
            }
            else if (++i == args.Count)
            {
                return null;
            }
            else if (args[i - 1] is "--record" or "--play-back")
            {
                folders[args[i - 1]] = args[i];
            }
            else if (args[i - 1] == "--plant" && Plant.All.FirstOrDefault(p => p.Name == args[i]) is { } named)
            {
                plant = named;
            }
            else if (args[i - 1] is "--seed" or "--seeds" or "--from" or "--fresh" or "--threads"
                && int.TryParse(args[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                names[args[i - 1]] = number;
            }
            else
            {
                return null;
            }
        }

        var threads = flags.Contains("--log") ? 1 : names.GetValueOrDefault("--threads", Environment.ProcessorCount);
        if (folders.GetValueOrDefault("--play-back") is { } folder)
        {
            return new("recorded decisions", [], null, threads, plant, false, false, PlayBack: folder);
        }

        return Chosen(names, flags) is { } chosen
            ? new(chosen.What, chosen.Seeds, chosen.For, threads, plant, flags.Contains("--planted"), flags.Contains("--log"), folders.GetValueOrDefault("--record"))
            : null;
    }

    private static (string What, IEnumerable<int> Seeds, TimeSpan? For)? Chosen(Dictionary<string, int> names, HashSet<string> flags)
    {
        var asked = new[] { "--seed", "--seeds", "--fresh" }.Count(names.ContainsKey) + flags.Count(f => f != "--log");
        if (asked != 1) return null;
        if (flags.Contains("--planted")) return ("planted bugs", [], null);
        if (flags.Contains("--once-red")) return ("seeds that were once red", OnceRed.Seeds, null);
        if (names.TryGetValue("--seed", out var seed)) return ($"seed {seed}", [seed], null);
        if (names.TryGetValue("--seeds", out var count))
        {
            var first = names.GetValueOrDefault("--from", 1);
            return ($"seeds {first} to {first + count - 1}", Enumerable.Range(first, count), null);
        }

        var from = names.TryGetValue("--from", out var said) ? said : Random.Shared.Next(FreshFrom, int.MaxValue - FreshAtLeast);
        return ($"seeds from {from} on", Enumerable.Range(from, int.MaxValue - from), TimeSpan.FromSeconds(names["--fresh"]));
    }
}

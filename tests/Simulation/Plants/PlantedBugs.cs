using System.Globalization;

namespace Agora.Simulation.Plants;

/// <summary>Each planted bug must be found within a bounded number of seeds.</summary>
public static class PlantedBugs
{
    public const int MostSeeds = 200;

    public static int FindAll(TextWriter output)
    {
        var missed = 0;
        foreach (var plant in Plant.All)
        {
            var found = Find(plant);
            missed += found is null ? 1 : 0;
            output.WriteLine(found is null ? $"{plant.Name}: not found within {MostSeeds} seeds" : $"{plant.Name}: found at seed {found.Seed} {found.Finding}");
        }

        return missed == 0 ? 0 : 1;
    }

    /// <summary>The first seed that finds it, or null.</summary>
    public static SeedResult? Find(Plant plant) => First(Enumerable.Range(1, MostSeeds), plant);

    /// <summary>The seed that found it when <c>plants.txt</c> was written; where the course of seeds has changed since, the first that finds it, or null.</summary>
    public static SeedResult? FindAgain(Plant plant) => First(Known.TryGetValue(plant.Name, out var seed) ? Enumerable.Range(1, MostSeeds).Prepend(seed) : Enumerable.Range(1, MostSeeds), plant);

    private static SeedResult? First(IEnumerable<int> seeds, Plant plant) => seeds.Select(seed => SeedRun.Run(seed, plant)).FirstOrDefault(result => result.Finding is not null);

    private static IReadOnlyDictionary<string, int> Known { get; } = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "plants.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' '))
        .ToDictionary(line => line[0], line => int.Parse(line[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
}

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
    public static SeedResult? Find(Plant plant) =>
        Enumerable.Range(1, MostSeeds).Select(seed => SeedRun.Run(seed, plant)).FirstOrDefault(result => result.Finding is not null);
}

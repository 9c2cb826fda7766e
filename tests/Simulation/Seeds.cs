using System.Globalization;
using Agora.Simulation.Plants;
using Agora.Testing;

namespace Agora.Simulation;

/// <summary>Runs seeds one after another and says what was found. No figure of a wall clock is printed: two runs print the same.</summary>
public static class Seeds
{
    public static int Run(Arguments arguments, TextWriter output)
    {
        output.WriteLine(arguments.First == arguments.Last ? $"seed {arguments.First}" : $"seeds {arguments.First} to {arguments.Last}");
        var (trace, results) = (new TraceHash(), new List<SeedResult>());
        for (var seed = arguments.First; seed <= arguments.Last; seed++)
        {
            var result = SeedRun.Run(seed, arguments.Plant, arguments.Log ? Console.Error : null);
            results.Add(result);
            trace.Add(result.TraceHash);
            if (result.Finding is { } finding)
            {
                output.WriteLine($"seed {seed} failed {finding}");
                output.WriteLine($"  repeat: {Repeat(seed, arguments.Plant)}");
            }
        }

        var failed = results.Count(r => r.Finding is not null);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Sum(r => r.Rows)} rows, {results.Sum(r => r.Acknowledged)} acknowledgements; runs: {results.Sum(r => r.Posted)} posted, {results.Sum(r => r.Failed)} failed, {results.Sum(r => r.Refused)} refused; {results.Sum(r => r.Approved)} approved, {results.Sum(r => r.NotApproved)} not approved; {results.Sum(r => r.Refunds)} refunds; {results.Sum(r => r.Kills)} kills"));
        output.WriteLine($"trace hash: {trace}");
        output.WriteLine($"{results.Count} seeds, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static string Repeat(int seed, Plant plant) =>
        $"dotnet run -c Release --project tests/Simulation -- --seed {seed}" + (plant == Plant.None ? "" : $" --plant {plant.Name}");
}

using System.Diagnostics;
using System.Globalization;
using Agora.Simulation.Plants;
using Agora.Simulation.Recordings;
using Agora.Testing;

namespace Agora.Simulation;

/// <summary>
/// Runs seeds, several at once, each on a thread of its own, and says what was found. No figure of a wall clock is printed, and all in the order of the
/// seeds: two runs of the same seeds print the same.
/// </summary>
public static class Seeds
{
    public static int Run(Arguments arguments, TextWriter output)
    {
        output.WriteLine(arguments.What);
        var results = RunAll(arguments, output).OrderBy(r => r.Place).Select(r => r.Result).ToList();
        var trace = new TraceHash();
        results.ForEach(result => trace.Add(result.TraceHash));
        foreach (var red in results.Where(r => r.Finding is not null))
        {
            output.WriteLine($"seed {red.Seed} failed {red.Finding}");
            output.WriteLine($"  repeat: {Repeat(red.Seed, arguments.Plant)}");
        }

        var failed = results.Count(r => r.Finding is not null);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Sum(r => r.Rows)} rows, {results.Sum(r => r.Acknowledged)} acknowledgements; runs: {results.Sum(r => r.Posted)} posted, {results.Sum(r => r.Failed)} failed, {results.Sum(r => r.Refused)} refused; {results.Sum(r => r.Approved)} approved, {results.Sum(r => r.NotApproved)} not approved; {results.Sum(r => r.Refunds)} refunds; {results.Sum(r => r.Rewards)} rewards; {results.Sum(r => r.Saved)} snapshots, loaded {results.Sum(r => r.Restored)} times, in {results.Count(r => r.Restored > 0)} seeds; {results.Sum(r => r.Kills)} kills; {results.Count(r => r.Tenants > 1)} seeds of several tenants; {results.Sum(r => r.Drains)} drains; {results.Sum(r => r.Overloaded)} overloaded; {results.Sum(r => r.Cancelled)} cancelled; {results.Sum(r => r.Edited)} edited, {results.Sum(r => r.Overtaken)} overtaken; {results.Sum(r => r.ByHand)} settled by hand; {results.Sum(r => r.ToolCalls)} calls of tools, {results.Sum(r => r.ToolsApproved)} approved, {results.Sum(r => r.ToolsTakenAway)} taken away; {results.Sum(r => r.Advances)} advances of a clock, {results.Sum(r => r.Rung)} with all alarms rung, {results.Sum(r => r.Resets)} resets; {results.Sum(r => r.Said)} entries of conversations, told {results.Sum(r => r.Told)} times; {results.Sum(r => r.Served)} runs paid to agents, {results.Sum(r => r.FailedOver)} of them done by the second or third that was asked, {results.Sum(r => r.Unpaid)} replies not paid, {results.Sum(r => r.Delegated)} requests on behalf of others; {results.Sum(r => r.ModelCalls)} calls of models, {results.Sum(r => r.Estimates)} posted as estimates, {results.Sum(r => r.Hits)} answered by another's reply, {results.Sum(r => r.OutputsTaken)} of them runs of services; {results.Sum(r => r.Turns)} turns of dialogues, {results.Sum(r => r.TakenOver)} taken over, {results.Sum(r => r.Interventions)} interventions; {results.Sum(r => r.Remembered)} memories read; {results.Sum(r => r.Hints)} hints, {results.Sum(r => r.Scores)} scores of plays; {results.Sum(r => r.Preferred)} preferences read, {results.Sum(r => r.Imported)} turns came from elsewhere; {results.Sum(r => r.Judged)} turns say how they sound, {results.Sum(r => r.InVain)} waits for that in vain"));
        output.WriteLine($"trace hash: {trace}");
        output.WriteLine($"{results.Count} seeds, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static List<(int Place, SeedResult Result)> RunAll(Arguments arguments, TextWriter output)
    {
        var (started, gate, results, next) = (Stopwatch.GetTimestamp(), new Lock(), new List<(int, SeedResult)>(), 0);
        Exception? broken = null;
        using var seeds = arguments.Seeds.GetEnumerator();
        var threads = Enumerable.Range(0, arguments.Threads).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return broken is null ? results : throw new InvalidOperationException("A seed broke.", broken);

        void Work()
        {
            while (Take() is { } taken)
            {
                try
                {
                    var result = Run(taken.Seed, arguments);
                    lock (gate)
                    {
                        results.Add((taken.Place, result));
                    }
                }
                catch (Exception failed)
                {
                    output.WriteLine($"seed {taken.Seed} broke: {failed.Message}");
                    broken = failed;
                }
            }
        }

        (int Place, int Seed)? Take()
        {
            lock (gate)
            {
                var isOver = broken is not null || Stopwatch.GetElapsedTime(started) > arguments.For;
                return !isOver && seeds.MoveNext() ? (next++, seeds.Current) : null;
            }
        }
    }

    private static SeedResult Run(int seed, Arguments arguments)
    {
        SeedResult Run() => SeedRun.Run(seed, arguments.Plant, arguments.Log ? Console.Error : null);
        return arguments.RecordTo is { } folder ? Recording.Write(folder, seed, Run) : Run();
    }

    private static string Repeat(int seed, Plant plant) =>
        $"dotnet run -c Release --project tests/Simulation -- --seed {seed}" + (plant == Plant.None ? "" : $" --plant {plant.Name}");
}

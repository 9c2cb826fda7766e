using System.Diagnostics;
using System.IO.Compression;
using Agora.Simulation.Plants;
using Agora.Simulation.Recordings;
using Agora.Testing;

namespace Agora.Simulation.Tests;

public sealed class SeedTests
{
    public static TheoryData<string> PlantNames => [.. Plant.All.Select(plant => plant.Name)];

    [Fact]
    public void The_first_seeds_break_no_rule_and_come_to_rest()
    {
        var results = Enumerable.Range(1, 8).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Posted) > 0 && results.Sum(r => r.Failed) > 0 && results.Sum(r => r.Refused) > 0 && results.Sum(r => r.Kills) > 0 && results.Sum(r => r.Refunds) > 0 && results.Sum(r => r.Approved) > 0 && results.Sum(r => r.NotApproved) > 0 && results.Sum(r => r.Rewards) > 0 && results.Count(r => r.Restored > 0) > 4, "Seeds in which little happens prove little.");
    }

    [Fact]
    public void Seeds_that_are_drawn_wide_break_no_rule_and_some_have_several_tenants_some_drain_and_some_are_overloaded()
    {
        var results = Enumerable.Range(SeedOptions.WideAbove + 1, 8).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Any(r => r.Tenants > 1) && results.Any(r => r.Drains > 3) && results.Any(r => r.Overloaded > 0), "Seeds in which little happens prove little.");
    }

    [Fact]
    public void Seeds_with_upstreams_break_no_rule_and_their_tools_are_approved_called_and_taken_away()
    {
        var results = Enumerable.Range(SeedOptions.HubAbove + 1, 12).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.ToolCalls) > 20 && results.Sum(r => r.ToolsApproved) > 20 && results.Sum(r => r.ToolsTakenAway) > 10, "Seeds in which little happens prove little.");
    }

    [Fact]
    public void Seeds_with_a_tenant_for_tests_break_no_rule_and_much_is_decided_after_its_clock_was_advanced()
    {
        var results = Enumerable.Range(SeedOptions.TestsAbove + 1, 200).Where(seed => SeedOptions.Draw(seed, wide: true).TestMode).Take(8).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Advances) > 5 && results.Sum(r => r.HeldByClock) > 50, "Seeds in which little happens prove little.");
    }

    [LongFact]
    public void Seeds_with_resets_break_no_rule_and_generations_begin_and_alarms_ring_by_the_advance()
    {
        var results = Enumerable.Range(SeedOptions.ResetsAbove + 1, 200).Where(seed => SeedOptions.Draw(seed, wide: true) is { TestMode: true, Generations: > 1 }).Take(12).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        var (resets, rung) = (results.Sum(r => r.Resets), results.Sum(r => r.Rung));
        Assert.True(resets > 8 && rung > 3, $"Seeds in which little happens prove little: {resets} resets, {rung} advances that rang all alarms of {results.Sum(r => r.Advances)}.");
    }

    [LongFact]
    public void Seeds_with_conversations_break_no_rule_and_much_is_said_and_told()
    {
        var results = Enumerable.Range(SeedOptions.TalksAbove + 1, 8).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Said) > 300 && results.Sum(r => r.Told) > 1_000, "Seeds in which little happens prove little.");
    }

    [LongFact]
    public void Seeds_with_agents_that_are_paid_break_no_rule_and_some_runs_are_done_by_the_second_that_is_asked()
    {
        var results = Enumerable.Range(SeedOptions.SkillsAbove + 20, 200).Where(seed => SeedOptions.Draw(seed, wide: true).Skills).Take(12).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        var (served, failedOver, unpaid, delegated) = (results.Sum(r => r.Served), results.Sum(r => r.FailedOver), results.Sum(r => r.Unpaid), results.Sum(r => r.Delegated));
        Assert.True(served > 20 && failedOver > 2 && unpaid > 10 && delegated > 0, $"Seeds in which little happens prove little: {served} served, {failedOver} by another, {unpaid} unpaid, {delegated} on behalf of others.");
    }

    [LongFact]
    public void Seeds_with_inboxes_that_are_posted_break_no_rule_and_many_pages_are_taken()
    {
        var results = Enumerable.Range(SeedOptions.PostsAbove + 1, 200).Where(seed => SeedOptions.Draw(seed, wide: true).Posts).Take(8).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Pages) > 100, $"Seeds in which little happens prove little: {results.Sum(r => r.Pages)} pages.");
    }

    [LongFact]
    public void Seeds_with_calls_of_models_break_no_rule_and_some_are_posted_as_estimates()
    {
        var results = Enumerable.Range(SeedOptions.ModelsAbove + 1, 200).Where(seed => SeedOptions.Draw(seed, wide: true).Models).Take(12).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        var (sent, estimates) = (results.Sum(r => r.ModelCalls), results.Sum(r => r.Estimates));
        Assert.True(sent > 200 && estimates > 50, $"Seeds in which little happens prove little: {sent} calls, {estimates} posted as estimates.");
    }

    [LongFact]
    public void Seeds_with_dialogues_break_no_rule_and_turns_are_taken_over_and_people_step_in()
    {
        var results = Enumerable.Range(SeedOptions.WatchesAbove + 1, 200).Where(seed => SeedOptions.Draw(seed, wide: true).Watches).Take(12).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        var (turns, takenOver, interventions) = (results.Sum(r => r.Turns), results.Sum(r => r.TakenOver), results.Sum(r => r.Interventions));
        Assert.True(turns > 20 && takenOver > 10 && interventions > 50, $"Seeds in which little happens prove little: {turns} turns, {takenOver} taken over, {interventions} interventions.");
    }

    [LongFact]
    public void Seeds_in_which_things_are_remembered_break_no_rule_and_many_are_read()
    {
        var results = Enumerable.Range(SeedOptions.MemoriesAbove + 1, 200).Where(seed => SeedOptions.Draw(seed, wide: true).Memories).Take(12).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Remembered) > 200, $"Seeds in which little happens prove little: {results.Sum(r => r.Remembered)} memories read.");
    }

    [LongFact]
    public void Seeds_in_which_people_practise_break_no_rule_and_plays_are_hinted_and_scored()
    {
        var results = Enumerable.Range(SeedOptions.PlaysAbove + 1, 200).Where(seed => SeedOptions.Draw(seed, wide: true).Plays).Take(12).Select(seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Hints) > 20 && results.Sum(r => r.Scores) > 10, $"Seeds in which little happens prove little: {results.Sum(r => r.Hints)} hints, {results.Sum(r => r.Scores)} scores.");
    }

    [LongFact]
    public void Seeds_in_which_users_have_preferences_and_move_in_break_no_rule()
    {
        var results = Enumerable.Range(SeedOptions.MovesAbove + 1, 200).Where(static seed => SeedOptions.Draw(seed, wide: true) is { Preferences: true, Moves: true }).Take(12).Select(static seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, static result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Preferred) > 100 && results.Sum(r => r.Imported) > 100, $"Seeds in which little happens prove little: {results.Sum(r => r.Preferred)} preferences read, {results.Sum(r => r.Imported)} turns that came from elsewhere.");
    }

    [LongFact]
    public void Seeds_in_which_turns_are_asked_how_they_sound_break_no_rule_and_some_wait_for_that_in_vain()
    {
        var results = Enumerable.Range(SeedOptions.SentimentsAbove + 1, 200).Where(static seed => SeedOptions.Draw(seed, wide: true).Sentiments).Take(12).Select(static seed => SeedRun.Run(seed, Plant.None)).ToList();

        Assert.All(results, static result => Assert.Null(result.Finding));
        Assert.True(results.Sum(r => r.Judged) > 15 && results.Sum(r => r.InVain) > 1, $"Seeds in which little happens prove little: {results.Sum(r => r.Judged)} turns say how they sound, {results.Sum(r => r.InVain)} waits for that in vain.");
    }

    [LongFact]
    public void Seeds_that_were_once_red_are_green() =>
        Assert.All(OnceRed.Seeds, seed => Assert.Null(SeedRun.Run(seed, Plant.None).Finding));

    [Fact]
    public void The_last_seeds_that_were_once_red_are_green() =>
        Assert.All(OnceRed.Seeds.TakeLast(3), seed => Assert.Null(SeedRun.Run(seed, Plant.None).Finding));

    [Theory]
    [MemberData(nameof(PlantNames))]
    public void A_planted_bug_is_found_within_200_seeds(string name)
    {
        var plant = Plant.All.Single(p => p.Name == name);

        var found = PlantedBugs.FindAgain(plant);

        Assert.NotNull(found?.Finding);
    }

    [Fact]
    public void The_same_seed_has_the_same_trace_in_two_processes_and_another_seed_another() => HasOneTrace(3);

    [LongFact]
    public void So_has_one_in_which_agents_ask_agents_that_are_paid() => HasOneTrace(2_104_635_499);

    private static void HasOneTrace(int seed)
    {
        var (first, second, other) = (Output(seed), Output(seed), Output(seed + 1));

        Assert.Equal(["1 seeds, 0 failed"], first.TakeLast(1));
        Assert.StartsWith("trace hash: ", first[^2]);
        Assert.Equal(first, second);
        Assert.NotEqual(first[^2], other[^2]);
    }

    [Theory]
    [InlineData("--seed", "0")]
    [InlineData("--seed", "x")]
    [InlineData("--seeds")]
    [InlineData("--seeds", "5", "--plant", "unheard-of")]
    [InlineData("--seed", "1", "--once-red")]
    [InlineData("--threads", "2")]
    public void What_cannot_be_understood_is_refused(params string[] args) => Assert.Null(Arguments.Parse(args));

    /// <summary>They begin where chance says, so it is asked often.</summary>
    [Fact]
    public void Fresh_seeds_begin_above_those_that_everybody_runs_and_a_million_follow() => Assert.All(
        Enumerable.Range(0, 200).Select(static _ => Arguments.Parse(["--fresh", "60"])!.Seeds),
        static seeds => Assert.True(seeds.First() > SeedOptions.SentimentsAbove && seeds.Skip(1_000_000).Any(), $"They begin at {seeds.First()}."));

    [Fact]
    public void The_usage_lists_every_planted_bug() => Assert.All(Plant.All, plant => Assert.Contains(plant.Name, Arguments.Usage, StringComparison.Ordinal));

    [Fact]
    public void Seeds_that_run_at_once_print_what_they_print_one_after_another()
    {
        var (alone, together) = (new StringWriter(), new StringWriter());

        Seeds.Run(Arguments.Parse(["--seeds", "4", "--threads", "1"])!, alone);
        Seeds.Run(Arguments.Parse(["--seeds", "4", "--threads", "3"])!, together);

        Assert.Equal(alone.ToString(), together.ToString());
    }

    [Theory]
    [InlineData("[\"decide\"", "\"riding\":\"No\"", "\"riding\":\"Soon\"")]
    [InlineData("[\"decide\",\"campaign\"", "\"AfterCommit\"", "\"AtOnce\"")]
    [InlineData("[\"rows\"", "\"default\"", "\"other\"")]
    [InlineData("[\"due\"", "false", "true")]
    public void What_was_recorded_is_decided_again_byte_for_byte_and_a_line_that_was_changed_is_found(string line, string was, string @is)
    {
        var folder = Directory.CreateTempSubdirectory("recorded").FullName;
        Assert.Equal(0, Seeds.Run(Arguments.Parse(["--seed", "2", "--record", folder])!, TextWriter.Null));
        Assert.Equal("0 differences", Differences(folder));

        ChangeLast(Recording.PathOf(folder, 2), line, was, @is);

        Assert.Equal("1 differences", Differences(folder));
    }

    private static string Differences(string folder)
    {
        var said = new StringWriter();
        var code = Playback.Run(folder, 1, said);
        var differences = said.ToString().TrimEnd().Split(", ")[^1];
        Assert.Equal(differences == "0 differences" ? 0 : 1, code);
        return differences;
    }

    private static void ChangeLast(string path, string line, string was, string @is)
    {
        var lines = new List<string>();
        using (var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress)))
        {
            while (reader.ReadLine() is { } read)
            {
                lines.Add(read);
            }
        }

        var at = lines.FindLastIndex(l => l.StartsWith(line, StringComparison.Ordinal) && l.Contains(was, StringComparison.Ordinal));
        lines[at] = lines[at].Replace(was, @is, StringComparison.Ordinal);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        lines.ForEach(writer.WriteLine);
    }

    private static string[] Output(int seed)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SeedRun).Assembly.Location, "--seed", $"{seed}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return lines;
    }
}

namespace Agora.Packaging.Canary;

/// <summary>deploy/canary/gate on two readings of metrics.</summary>
public sealed class GateTests
{
    private const string Before = """
        # from a
        agora_api_request_duration_seconds_bucket{operation="get_task",status="200",le="0.1"} 5
        agora_api_request_duration_seconds_bucket{operation="get_task",status="200",le="0.2"} 7
        agora_api_request_duration_seconds_bucket{operation="get_task",status="200",le="+Inf"} 9
        agora_api_request_duration_seconds_sum{operation="get_task",status="200"} 1.5
        agora_api_request_duration_seconds_count{operation="get_task",status="200"} 9
        """;

    [Fact]
    public void What_was_there_before_does_not_count() => Assert.Equal("0 0 0", Of(Before, Before));

    [Fact]
    public void Requests_errors_and_slow_ones_of_all_processes_are_added_and_a_new_process_counts_from_0() => Assert.Equal("15 3 4", Of(Before, $"""
        {Grown(count: 19, quick: 14)}
        # from b
        agora_api_request_duration_seconds_bucket{Labels("get_task", 500)}le="0.2"{"}"} 1
        agora_api_request_duration_seconds_count{Labels("get_task", 500)}{"}"} 1
        agora_api_request_duration_seconds_bucket{Labels("get_task", 503)}le="0.2"{"}"} 1
        agora_api_request_duration_seconds_count{Labels("get_task", 503)}{"}"} 2
        agora_api_request_duration_seconds_bucket{Labels("get_task", 502)}le="0.2"{"}"} 2
        agora_api_request_duration_seconds_count{Labels("get_task", 502)}{"}"} 2
        """));

    [Theory]
    [InlineData("run_service", "3 0 0")]
    [InlineData("read_inbox", "3 0 0")]
    [InlineData("read_inboxes", "3 0 3")]
    public void What_waits_by_design_is_never_slow_and_counts_as_a_request(string operation, string counts) => Assert.Equal(counts, Of(Before, $"""
        {Before}
        agora_api_request_duration_seconds_bucket{Labels(operation, 200)}le="0.2"{"}"} 0
        agora_api_request_duration_seconds_count{Labels(operation, 200)}{"}"} 3
        """));

    [Theory]
    [InlineData("", "no process was read")]
    [InlineData("# from b", "a is gone")]
    [InlineData("# from a", "a process began anew")]
    public void A_process_that_is_gone_or_began_anew_ends_it(string after, string why)
    {
        var (exitCode, _, errors) = CanaryPlace.Run("deploy/canary/gate", [], Written(Before), Written(after));
        Assert.Equal(1, exitCode);
        Assert.Contains(why, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_than_before_ends_it() => Assert.Equal(1, CanaryPlace.Run("deploy/canary/gate", [], Written(Before), Written(Grown(count: 8, quick: 7))).ExitCode);

    /// <summary>The gate knows one bound, and the server has to have it.</summary>
    [Fact]
    public void The_bound_of_the_gate_is_one_of_the_servers() =>
        Assert.Contains(" 0.2,", Repository.Text("src/Api/Metrics/Series.cs"), StringComparison.Ordinal);

    private static string Labels(string operation, int status) => $$"""{operation="{{operation}}",status="{{status}}",""";

    private static string Grown(int count, int quick) => Before.Replace("} 9", $"}} {count}", StringComparison.Ordinal).Replace("} 7", $"}} {quick}", StringComparison.Ordinal);

    private static string Of(string before, string after)
    {
        var (exitCode, output, errors) = CanaryPlace.Run("deploy/canary/gate", [], Written(before), Written(after));
        Assert.True(exitCode == 0, errors);
        return output.Trim();
    }

    private static string Written(string text)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, text + "\n");
        return file;
    }
}

namespace Agora.Packaging.Canary;

/// <summary>The same release in Kubernetes, by a kubectl that keeps what it was asked for and plays two pods.</summary>
public sealed class KubernetesRolloutTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-kubectl-").FullName;

    [Theory]
    [InlineData("", 0, "1 10 50 100")]
    [InlineData("errors=\"$weight\"", 1, "1 10 0")]
    [InlineData("[ \"$weight\" -lt 50 ] || errors=9", 1, "1 10 50 0")]
    [InlineData("[ \"$weight\" -lt 10 ] || slow=999", 1, "1 10 0")]
    [InlineData("[ \"$weight\" -lt 10 ] || slow=50", 1, "1 10 0")] // 5 % of 1,000
    [InlineData("[ \"$weight\" -lt 10 ] || slow=49", 0, "1 10 50 100")]
    [InlineData("[ \"$weight\" -lt 100 ] || exit 1", 1, "1 10 50 100 0")]
    public void Weights_go_up_as_long_as_pods_are_well_and_else_to_0(string fault, int exitCode, string weights)
    {
        var (ended, output, errors) = Rollout(fault);
        Assert.True(ended == exitCode, output + errors);
        Assert.Equal(weights, string.Join(' ', File.ReadAllLines(Of("weights"))));
    }

    [Fact]
    public void Old_and_new_weights_are_set_together_and_the_names_are_tested_with_them()
    {
        Rollout("");
        var patches = File.ReadAllText(Of("patches"));
        foreach (var part in (string[])["patch httproute api", "\"value\": \"api\"", "\"value\": \"api-canary\"", "\"value\": 99}", "\"value\": 1}", "\"value\": 0}", "\"value\": 100}"])
        {
            Assert.Contains(part, patches, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_weight_that_cannot_be_taken_back_is_said_and_is_another_exit_code()
    {
        var (exitCode, _, errors) = Rollout("[ \"$weight\" -lt 10 ] || errors=999", patch: "case $* in *'\"value\": 100}'*) exit 1 ;; esac");
        Assert.Equal(3, exitCode);
        Assert.Contains("NOT rolled back", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "1 0")]
    [InlineData(10, "1 10 0")]
    public void A_rollout_that_is_ended_by_a_signal_takes_the_weight_to_0_first(int weight, string weights)
    {
        var (exitCode, output, errors) = Rollout("", patch: $"case $* in *'\"value\": {weight}}}]') kill -TERM \"$(cat rollout)\" ;; esac");
        Assert.True(exitCode == 130, $"{exitCode}: {output}{errors}");
        Assert.Equal(weights, string.Join(' ', File.ReadAllLines(Of("weights"))));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Of(string name) => Path.Combine(_directory, name);

    /// <param name="fault">Of a shell: what a pod's metrics come to at <c>weight</c>.</param>
    /// <param name="patch">Of a shell: what happens before a weight is set.</param>
    private (int ExitCode, string Output, string Errors) Rollout(string fault, string patch = ":")
    {
        Write("begin", $"""
            #!/bin/sh
            echo $$ >'{Of("rollout")}'
            exec '{Repository.File("deploy/canary/rollout")}' "$@"
            """);
        Write("kubectl", $$"""
            #!/bin/sh
            cd '{{_directory}}'
            case " $* " in
              *' patch '*)
                {{patch}}
                echo "$*" >>patches
                echo "$*" | sed -n 's/.*"value": \([0-9]*\)}\]$/\1/p' >>weights
                ;;
              *' get pods --selector app.kubernetes.io/component=api-canary '*) echo pod/one; echo pod/two ;;
              *' exec '*)
                weight=$(tail -n 1 weights 2>/dev/null || echo 0)
                asked=$(($(cat "asked.$(basename "$5")" 2>/dev/null || echo 0) + 1000))
                echo "$asked" >"asked.$(basename "$5")"
                errors=0 slow=0
                {{fault}}
                name=agora_api_request_duration_seconds
                echo "${name}_count{operation=\"get_task\",status=\"200\"} $asked"
                echo "${name}_bucket{operation=\"get_task\",status=\"200\",le=\"0.2\"} $((asked - slow))"
                echo "${name}_count{operation=\"get_task\",status=\"500\"} $errors"
                echo "${name}_bucket{operation=\"get_task\",status=\"500\",le=\"0.2\"} $errors"
                ;;
            esac
            """);
        return CanaryPlace.Run(
            Of("begin"),
            [("PATH", $"{_directory}:{Environment.GetEnvironmentVariable("PATH")}"), ("CANARY_NAMESPACE", "agora-prod"), ("CANARY_STEP_SECONDS", "0"), ("CANARY_LOOK_SECONDS", "0"), ("CANARY_PATIENCE", "5")],
            Repository.File("deploy/canary/by-kubernetes"));
    }

    private void Write(string program, string text)
    {
        File.WriteAllText(Of(program), text);
        File.SetUnixFileMode(Of(program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

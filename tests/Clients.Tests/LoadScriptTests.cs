using System.Text.Json;

namespace Agora.Clients.Tests;

/// <summary>bench/locustfile.py, against a server with the demo's catalogue.</summary>
[Collection(nameof(ClientWorld))]
public sealed class LoadScriptTests(ClientWorld world)
{
    [LocustFact]
    public async Task Locust_drives_agents_that_buy_runs_and_none_of_their_requests_is_refused()
    {
        // Requests are counted, not time: a slow machine takes longer for them.
        var said = await ClientProgram.Run("bench", world.Settings, LocustFactAttribute.Python!, "-c", Program, world.Url);

        var counts = JsonSerializer.Deserialize<Dictionary<string, int[]>>(said.Trim().Split('\n')[^1])!;
        Assert.All(["deposit", "auth", "run", "search", "status"], name => Assert.True(counts[name] is [> 0, 0], said));
    }

    /// <summary>The script's agents, until each of its requests was made: by locust as a library, for its command line only ends by the clock.</summary>
    private const string Program = """
        import gevent.monkey; gevent.monkey.patch_all()
        import json, sys, gevent, locustfile
        from locust.env import Environment
        environment = Environment(user_classes=[locustfile.BuyingAgent], host=sys.argv[1])
        runner = environment.create_local_runner()
        runner.start(2, spawn_rate=2)
        counts = lambda: {name: [entry.num_requests, entry.num_failures] for (name, _), entry in environment.stats.entries.items()}
        while not {"run", "search", "status"} <= counts().keys() and not any(failed for _, failed in counts().values()):
            gevent.sleep(0.1)
        runner.stop()
        print(json.dumps(counts()))
        """;
}

/// <summary>Skipped by name where no Python has locust.</summary>
public sealed class LocustFactAttribute : FactAttribute
{
    internal static readonly string? Python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(python => ClientProgram.Can(python, "-c", "import locust"));

    public LocustFactAttribute() => Skip = Python is null ? "no python3 here has the package locust: pip install locust, or apt-get install python3-locust" : null;
}

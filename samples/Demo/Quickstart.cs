using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Agora.Hosting;
using Agora.Samples.TextService;
using Agora.Silo;

namespace Agora.Samples.Demo;

/// <summary>
/// <c>./run quickstart</c>: what a first run takes, put through the operators' API of a server that runs, and the commands of that run. Made a second
/// time, all is as it was. Without <c>--service</c> the service is the sample text service, which is served here until the command is ended; but one that
/// somebody else put under this id stays as it is.
/// </summary>
internal sealed class Quickstart(AgoraSettings settings, DataDirectory data, OperatorClient api, string price)
{
    private const string Usage = "quickstart [--service URL] [--price CENTS] [--data DIR] [--urls http://127.0.0.1:8080]: the price is cents of one run, such as 2 or 0.5.";

    private const string OfOthers = "The service of the first run";

    /// <summary>For a second after a put runs may still be sent where the service was before.</summary>
    private static readonly TimeSpan Followed = TimeSpan.FromSeconds(1.1);

    /// <summary>By this description the sample is told from what somebody put under its id.</summary>
    private const string OfSample = "The sample text service, as ./run quickstart serves it";

    private string Url => settings.Urls.Split(';')[0];

    private string KeyFile => FirstRun.KeyFile(data.Path);

    /// <exception cref="SettingException">What was given, or the server, does not serve for it: one line.</exception>
    public static async Task<int> Run(string[] args)
    {
        if (args.Any(arg => arg is "--help" or "-h")) return Help();

        var (service, price, rest) = Read(args);
        var settings = AgoraSettings.Read(CommandLine.Configuration(rest), serves: false);
        var data = new DataDirectory(settings);
        var key = settings.AdminKey ?? (File.Exists(data.FileOf("admin")) ? data.AccessKey("admin").Key
            : throw new SettingException($"There is no {data.FileOf("admin")}: start ./run first, with the same --data; or set AGORA_ADMIN_KEY as the server has it."));
        using var api = new OperatorClient(settings.Urls.Split(';')[0], key);
        var there = await api.Find("/admin/services/quickstart");
        var isOthers = service is null && there is not null && (string?)there["description"] != OfSample;
        await using var sample = service is null && !isOthers ? await Sample(settings, there) : null;
        await new Quickstart(settings, data, api, price).Make(
            isOthers ? null : service ?? new Uri(sample!.Address, "summarize").ToString(), there is not null, sample is null ? OfOthers : OfSample, sample is null ? """{"text":"hello"}""" : FirstRun.SampleInput);
        if (isOthers)
        {
            Console.WriteLine($"Service quickstart was there, at {there!["endpoint"]}, and stays as it is: quickstart --service URL replaces it.");
        }

        if (sample is not null)
        {
            await Interrupted($"The sample text service answers at {sample.Address} until this command is ended (Ctrl+C).");
        }

        return 0;
    }

    /// <summary>Where it was before, if that is free: for a second after a put a run may still be sent there.</summary>
    private static Task<TextServiceApp> Sample(AgoraSettings settings, JsonNode? there)
    {
        var given = settings.TextService.GetLeftPart(UriPartial.Authority);
        var before = settings.TextService.Port == 0 && there is not null ? new Uri((string)there["endpoint"]!).GetLeftPart(UriPartial.Authority) : given;
        var address = ListenAddresses.WhyNot(before) is null ? before : given;
        return ListenAddresses.WhyNot(address) is { } why ? throw new SettingException($"--text-service: {why}") : TextServiceApp.Start(address);
    }

    private static int Help()
    {
        Console.WriteLine($"./run {Usage}");
        Console.WriteLine("It makes an agent's key (in a file), a service and a campaign with money on the server that runs there, and prints the two commands of a first run.");
        Console.WriteLine("Without --service it serves the sample text service until it is ended; a service that was put under its id with --service stays as it is.");
        return 0;
    }

    private static (string? Service, string Price, string[] Remaining) Read(string[] args)
    {
        var (service, price, rest) = ((string?)null, "2", new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is not ("--service" or "--price"))
            {
                rest.Add(args[i]);
                continue;
            }

            var value = i + 1 < args.Length ? args[i + 1] : throw new SettingException(Usage);
            (service, price) = args[i++] == "--service" ? (value, price) : (service, value);
        }

        return decimal.TryParse(price, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? (service, price, [.. rest]) : throw new SettingException(Usage);
    }

    /// <param name="endpoint">Null: the service is there, and stays as it is.</param>
    /// <param name="isThere">It was put before, perhaps at another address.</param>
    private async Task Make(string? endpoint, bool isThere, string description, string input)
    {
        await api.Send(HttpMethod.Put, "/admin/agents/quickstart", """{"owner":"quickstart"}""");
        await api.Send(HttpMethod.Put, "/admin/users/quickstart", "{}");
        await api.Send(HttpMethod.Put, "/admin/users/quickstart/grants/quickstart", """
            {"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":10000}}
            """);
        Console.WriteLine("Agent quickstart may act for user quickstart: sessions of up to 10000 cents.");
        var followed = Task.CompletedTask;
        if (endpoint is not null)
        {
            await api.Send(HttpMethod.Put, "/admin/services/quickstart", $$"""
                {"name":"Quickstart","description":"{{description}}","category":"quickstart","price_cents":{{price}},"provider":"quickstart-provider","endpoint":{{JsonValue.Create(endpoint).ToJsonString()}}}
                """);
            followed = isThere ? Task.Delay(Followed) : followed;
            Console.WriteLine($"Service quickstart is {endpoint}, at {price} cents a run.");
        }

        await Fund();
        await DoTask(await Key());
        await followed;
        Console.WriteLine($"\nThe first run:\n{FirstRun.LogIn(Url, KeyFile)}\n{FirstRun.Run(Url, input)}\n");
    }

    private async Task Fund()
    {
        var campaign = await api.Send(HttpMethod.Put, "/admin/campaigns/quickstart", """
            {"sponsor":"Quickstart","task":{"name":"Say hello","type":"hello","description":"Say hello to the sponsor","schema":{"type":"object"},"data_types":[],"consents":[]},
             "services":[{"service_id":"quickstart"}],"targeting":{},"runs_per_completion":1000000}
            """);
        if ((decimal)campaign["escrow"]!["remaining_cents"]! < 1_000)
        {
            campaign = await api.Send(HttpMethod.Post, "/admin/campaigns/quickstart/fund", """{"amount_cents":10000}""", $"quickstart-{campaign["escrow"]!["funded_cents"]}");
        }

        Console.WriteLine($"Campaign quickstart pays for its runs, for whoever has done its task; it has {campaign["escrow"]!["remaining_cents"]} cents.");
    }

    /// <summary>The agent's key: the one of the file while it opens a session, else a new one.</summary>
    private async Task<JsonNode> Key()
    {
        if (File.Exists(KeyFile) && await LogIn() is { } opened)
        {
            Console.WriteLine($"The agent's key is in {KeyFile}, as it was.");
            return opened;
        }

        var made = await api.Send(HttpMethod.Post, "/admin/agents/quickstart/keys", "{}");
        data.Keep(KeyFile, made["key"] + "\n");
        Console.WriteLine($"The agent's key was made: {KeyFile}; its id, by which it is revoked, is {made["key_id"]}");
        return await LogIn() ?? throw new SettingException("The server does not take the key that it just gave.");
    }

    private async Task<JsonNode?> LogIn() => await api.Try(
        (await File.ReadAllTextAsync(KeyFile)).Trim(), HttpMethod.Post, "/agent/auth", """{"agent_id":"quickstart","user_id":"quickstart","scopes":{"budget_limit_cents":100},"end_oldest":true}""", "unauthorized");

    private async Task DoTask(JsonNode session)
    {
        var token = (string)session["token"]!;
        var done = await api.Try(token, HttpMethod.Post, "/agent/tasks/quickstart/complete", """{"output":{"text":"hello"},"consents":[]}""", "task_already_completed");
        await api.Try(token, HttpMethod.Delete, "/agent/session", null, "");
        Console.WriteLine(done is null ? "The campaign's task was done before." : "The campaign's task is done, by agent quickstart for user quickstart.");
    }

    private static async Task Interrupted(string line)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        Console.WriteLine(line);
        await stop.Task;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }
    }
}

using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.Cli;
using Agora.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Cli;

/// <summary>The command line against a server that runs, as a person or a script has it.</summary>
public sealed class CommandTests(CommandTests.Served served) : IClassFixture<CommandTests.Served>
{
    [Fact]
    public async Task Every_operation_of_the_document_is_a_command_with_an_option_for_whatever_it_reads()
    {
        var (code, help, _) = await served.Say("--help");
        Assert.Equal(ExitCodes.Done, code);
        var commands = help.Split('\n').Select(line => line.Trim().Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(served.Operations.Select(operation => operation.Name.Replace('_', '-')).Except(commands));

        var run = (await served.Say("run-service", "--help")).Out;
        foreach (var option in new[] { "<service_id>", "--input", "--max-price-cents", "--pay-with", "--campaign-id", "--dry-run", "--idempotency-key", "--body", "--json" })
        {
            Assert.Contains(option, run, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_agent_opens_a_session_does_the_task_and_runs_the_service()
    {
        var opened = await served.Say("auth", "--agent-id", "agent-1", "--user-id", $"user-{Guid.NewGuid()}", "--scopes", """{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}""", "--json");
        Assert.True(opened.Code == ExitCodes.Done, opened.Error);
        var terminal = served.Terminal(("AGORA_TOKEN", JsonElement.Parse(opened.Out).GetProperty("data").GetProperty("token").GetString()!));

        var unpaid = await Served.Say(terminal, "run-service", "summary", "--input", """{"text":"A long text."}""");
        Assert.Equal(ExitCodes.Refused, unpaid.Code);
        Assert.Contains("payment_required: ", unpaid.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Done, (await Served.Say(terminal, "complete-task", "survey", "--body", Support.Catalogue.Completion)).Code);
        var run = await Served.Say(terminal, "run-service", "summary", "--input", """{"text":"A long text."}""", "--max-price-cents", "25");

        Assert.True(run.Code == ExitCodes.Done, run.Error);
        Assert.Contains("succeeded", run.Out, StringComparison.Ordinal);
        Assert.Matches("payment[.]source +sponsor", run.Out);
    }

    [Fact]
    public async Task A_list_is_a_table_or_the_reply_as_it_came_or_csv()
    {
        var table = await served.Say("list-all-services");
        Assert.Contains("Summarizer", table.Out.Split('\n').Single(line => line.Contains(" summary ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.StartsWith("1", table.Error, StringComparison.Ordinal);

        var json = JsonElement.Parse((await served.Say("list-all-services", "--json")).Out);
        Assert.Equal("summary", json.GetProperty("data").GetProperty("services")[0].GetProperty("service_id").GetString());

        var csv = (await served.Say("list-all-services", "--csv")).Out.Split("\r\n");
        Assert.StartsWith("service_id,", csv[0], StringComparison.Ordinal);
        Assert.StartsWith("payment_id,run_id,", (await served.Say("list-payments", "--csv")).Out, StringComparison.Ordinal); // all that there is, as the server sends it
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(400)]
    public async Task However_narrow_the_terminal_an_item_is_one_line_and_its_id_is_whole(int width)
    {
        await served.Say("put-service", "kissa", "--body", Support.Catalogue.Service.Replace("Summarizer", "朝のコーヒーについてのとても長い名前の要約サービスです", StringComparison.Ordinal).Replace("\"price_cents\"", "\"active\":false,\"price_cents\"", StringComparison.Ordinal));
        foreach (var list in new[] { "list-all-services", "list-campaigns", "list-all-runs", "list-users", "list-sessions", "list-payments" })
        {
            var (code, output, error) = await Served.Say(served.Terminal() with { Width = width }, list);
            Assert.True(code == ExitCodes.Done, error);
            Assert.All(output.Split('\n'), line => Assert.InRange(Spectre.Console.StringExtensions.GetCellWidth(line.TrimEnd()), 0, Math.Max(width, 20)));
        }

        var services = (await Served.Say(served.Terminal() with { Width = width }, "list-all-services")).Out.Split('\n');
        Assert.Single(services, line => line.Contains(" kissa", StringComparison.Ordinal));
        Assert.Single(services, line => line.Contains(" summary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_nobody_looks_a_line_ends_with_what_is_in_it()
    {
        foreach (var command in new[] { (string[])["get-campaign", "survey"], ["list-campaigns"] })
        {
            var (code, output, error) = await served.Say(command);
            Assert.True(code == ExitCodes.Done, error);
            Assert.Contains("survey", output, StringComparison.Ordinal);
            Assert.All(output.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
        }
    }

    [Fact]
    public async Task Numbers_end_below_each_other_and_what_has_no_room_is_named()
    {
        await served.Say("put-service", "numbers", "--body", Support.Catalogue.Service.Replace("\"price_cents\"", "\"active\":false,\"timeout_ms\":900,\"price_cents\"", StringComparison.Ordinal));

        var narrow = await Served.Say(served.Terminal() with { Width = 80 }, "list-all-services");
        Assert.Contains("price_cents", narrow.Out, StringComparison.Ordinal); // before what is merely short
        Assert.Contains("No room here, --json has them: ", narrow.Error, StringComparison.Ordinal);
        Assert.Contains("endpoint", narrow.Error, StringComparison.Ordinal);
        Assert.All(narrow.Error.Split('\n'), line => Assert.InRange(line.Length, 0, 80));

        var wide = (await served.Say("list-all-services")).Out.Split('\n');
        var end = wide.Single(line => line.Contains("timeout_ms", StringComparison.Ordinal)) is var head ? head.IndexOf("timeout_ms", StringComparison.Ordinal) + "timeout_ms".Length : 0;
        Assert.Equal("       900", wide.Single(line => line.Contains("  numbers ", StringComparison.Ordinal))[(end - "timeout_ms".Length)..end]);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_sent_and_sends_nothing_and_no_credential()
    {
        var before = (await served.Say("get-wallet-of", "agent:dry", "--json")).Code;
        var dry = await served.Say("deposit", "agent:dry", "--amount-cents", "5", "--memo", "Try", "--dry-run", "--idempotency-key", "k-1");

        Assert.Equal(ExitCodes.Done, dry.Code);
        Assert.Equal($$"""POST {{served.Address}}admin/wallets/agent%3Adry/deposit|Idempotency-Key: k-1||{"amount_cents":5,"memo":"Try"}|""", dry.Out.ReplaceLineEndings("|"));
        Assert.Equal("Nothing was sent, and no money has moved.", dry.Error.Trim());
        Assert.DoesNotContain(RunningApi.AdminKey, dry.Out + dry.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Refused, ExitCodes.Refused), (before, (await served.Say("get-wallet-of", "agent:dry", "--json")).Code));
    }

    [Theory]
    [InlineData(ExitCodes.Wrong, "Missing: --amount-cents", "deposit", "agent:a")]
    [InlineData(ExitCodes.Wrong, "--amount-cents wants a number", "deposit", "agent:a", "--amount-cents", "much")]
    [InlineData(ExitCodes.Wrong, "--input wants JSON", "run-service", "summary", "--input", "{")]
    [InlineData(ExitCodes.Wrong, "'/nowhere/x' cannot be read", "run-service", "summary", "--input", "@/nowhere/x")]
    [InlineData(ExitCodes.Wrong, "--body wants a JSON object", "put-user", "u", "--body", "[]")]
    [InlineData(ExitCodes.Wrong, "Unrecognized command or argument 'fly'", "fly")]
    [InlineData(ExitCodes.Wrong, "agora --help lists the commands.", "fly")]
    [InlineData(ExitCodes.Wrong, "Say which command.")]
    [InlineData(ExitCodes.Wrong, "agora list-users --help says what it takes.", "list-users", "--limt", "1")]
    [InlineData(ExitCodes.Wrong, "Unrecognized command or argument '--limt'", "list-users", "--limt", "1")]
    [InlineData(ExitCodes.Wrong, "There is no profile 'nobody'", "list-users", "--profile", "nobody")]
    [InlineData(ExitCodes.Wrong, "is no http:// or https:// address", "list-users", "--server", "localhost:8080")]
    [InlineData(ExitCodes.NotAllowed, "This wants a session's token", "flow-status")]
    [InlineData(ExitCodes.Refused, "not_found: There is no such user.", "get-user", "nobody")]
    [InlineData(ExitCodes.Refused, "limit: An integer is wanted here.", "list-users", "--limit", "0.5")]
    public async Task What_is_wrong_has_a_line_and_an_exit_code(int code, string line, params string[] arguments)
    {
        var (ended, output, error) = await served.Say(arguments);

        Assert.Equal((code, ""), (ended, output));
        Assert.Contains(line, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Required command", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_3_and_no_server_is_4_and_says_with_which_key_to_send_it_again()
    {
        var wrong = await Served.Say(served.Terminal(("AGORA_ADMIN_KEY", "a-key-that-nobody-has-given-out-0123456789")), "list-users");
        Assert.Equal(ExitCodes.NotAllowed, wrong.Code);
        Assert.StartsWith("unauthorized: ", wrong.Error, StringComparison.Ordinal);

        var nobody = $"http://127.0.0.1:{FreePort.Next()}/";
        var away = await served.Say("list-users", "--server", nobody);
        Assert.Equal(ExitCodes.NoServer, away.Code);
        Assert.Contains("does not answer", away.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_keeps_server_and_keys_where_its_owner_alone_can_read_them()
    {
        var terminal = served.Terminal(("AGORA_URL", null), ("AGORA_ADMIN_KEY", null));
        var half = await Served.Say(terminal, "list-users");
        Assert.Equal(ExitCodes.Wrong, half.Code);
        Assert.StartsWith("No server: ", half.Error, StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Done, (await Served.Say(terminal, "profile", "set", "local", "--server", served.Address.ToString())).Code);
        Assert.Equal(ExitCodes.NotAllowed, (await Served.Say(terminal, "list-users")).Code);
        Assert.Equal(ExitCodes.Done, (await Served.Say(terminal, "profile", "set", "local", "--admin-key", RunningApi.AdminKey)).Code);
        Assert.Equal(ExitCodes.Done, (await Served.Say(terminal, "list-users")).Code);
        Assert.Equal($"* local  {served.Address}  admin key", (await Served.Say(terminal, "profile", "list")).Out.Trim());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(terminal.Folder, "profiles.json")));
        }

        Assert.Equal(ExitCodes.Done, (await Served.Say(terminal, "profile", "remove", "local")).Code);
        var nowhere = terminal with { Folder = Path.Combine(terminal.Folder, "profiles.json") };
        Assert.Contains("cannot be written", (await Served.Say(nowhere, "profile", "set", "x")).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(terminal.Folder, "profiles.json"), "{");
        Assert.Contains("mend it, or take it away", (await Served.Say(terminal, "list-users")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_stand_next_is_told_without_asking_anybody()
    {
        await served.Say("--help");
        var found = (await served.Say("[suggest:8]", "list-pay")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("list-payments", found.Select(line => line.Trim()));
        var choices = (await served.Say("[suggest:31]", "run-service summary --pay-with ")).Out;
        Assert.Contains("x402", choices, StringComparison.Ordinal);
        foreach (var shell in new[] { "bash", "zsh", "fish" })
        {
            Assert.Contains("suggest", (await served.Say("completion", shell)).Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_doctor_says_what_is_well_and_how_to_mend_what_is_not()
    {
        var well = await Served.Say(served.Terminal(("AGENT_API_KEY", RunningApi.PlatformKey)), "doctor");
        Assert.True(well.Code == ExitCodes.Done, well.Out);
        Assert.Equal(["server", "store", "version", "clock", "admin", "agent", "token", "services", "payments", "outbound", "money"], well.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[5..].Split(' ')[0]));

        var wrong = await Served.Say(served.Terminal(("AGORA_ADMIN_KEY", "a-key-that-nobody-has-given-out-0123456789")), "doctor", "--data", "/nowhere/data");
        Assert.Equal(ExitCodes.Unhealthy, wrong.Code);
        Assert.Contains("fix: Take it from the server's settings", wrong.Out, StringComparison.Ordinal);
        Assert.Contains("BAD  data        There is no directory '/nowhere/data'", wrong.Out, StringComparison.Ordinal);
        Assert.Contains("?    payments    Only an operator sees them.", wrong.Out, StringComparison.Ordinal); // what could not be asked is not said to be well
        Assert.Contains("?    token       None is set: AGORA_TOKEN, or a profile's.", wrong.Out, StringComparison.Ordinal);
    }

    /// <summary>A server's directory is its own user's alone, and root may read any: so it is asked as another user.</summary>
    [OtherUserFact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_doctor_says_what_it_can_of_a_directory_that_it_may_not_read()
    {
        var folder = Directory.CreateTempSubdirectory("agora-cli-").FullName;
        var locked = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        try
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
            File.SetUnixFileMode(locked, UnixFileMode.UserWrite);
            var start = new ProcessStartInfo(OtherUserFactAttribute.As[0], [.. OtherUserFactAttribute.As[1..], "dotnet", OtherUserFactAttribute.Program, "doctor", "--data", locked]) { RedirectStandardOutput = true, RedirectStandardError = true };
            (start.Environment["HOME"], start.Environment["AGORA_URL"], start.Environment["AGORA_ADMIN_KEY"]) = (folder, served.Address.ToString(), RunningApi.AdminKey);
            using var doctor = Process.Start(start)!;
            var (said, errors) = (doctor.StandardOutput.ReadToEndAsync(), doctor.StandardError.ReadToEndAsync());
            await doctor.WaitForExitAsync().WaitAsync(Hang.Timeout);

            Assert.Contains("ok   admin key   The server takes it.", await said + await errors, StringComparison.Ordinal);
            Assert.Contains("ok   rights", await said, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(true, ExitCodes.Done, "ok   models      1 provider was called in the last hour, and none fails often.")]
    [InlineData(false, ExitCodes.Unhealthy, "BAD  models      Calls fail: openai (1 of 1 in the last hour).")]
    public async Task The_doctor_says_how_providers_of_models_did_where_one_was_called(bool isKeyRight, int code, string says)
    {
        await using var world = await ModelWorld.Start(keys: isKeyRight ? null : ["no-key-of-theirs"]);
        await world.PutModel("m", "openai");
        await world.Door.Ask(await world.Open(), "responses", """{"model":"m","input":"Hello."}""");
        var terminal = served.Terminal(("AGORA_URL", world.Api.Client.Address.ToString()));

        var found = await Served.Say(terminal, "doctor");
        for (var n = 0; n < 50 && !found.Out.Contains(" models ", StringComparison.Ordinal); n++)
        {
            await Task.Delay(100); // tables follow the journal
            found = await Served.Say(terminal, "doctor");
        }

        Assert.Contains(says, found.Out, StringComparison.Ordinal);
        Assert.Equal(code, found.Code);
    }

    [Fact]
    public async Task Quickstart_makes_the_first_run_a_line_a_step_and_keeps_the_agents_key()
    {
        var terminal = served.Terminal(("AGENT_API_KEY", null));
        var begun = await Served.Say(terminal, "quickstart", "--endpoint", "https://text.example/quick", "--input", """{"text":"A text."}""");
        Assert.True(begun.Code == ExitCodes.Done, begun.Error);
        Assert.Equal(["[1/6] puts the service", "[2/6] puts a campaign that pays for it", "[3/6] issues the agent's key", "[4/6] opens a session", "[5/6] does the sponsor's task", "[6/6] runs the service"], begun.Error.Split('\n')[..6]);
        Assert.Contains("succeeded", begun.Out, StringComparison.Ordinal);
        var again = await Served.Say(terminal, "run-service", "quickstart", "--input", """{"text":"Another."}""", "--profile", "quickstart");
        Assert.True(again.Code == ExitCodes.Done, again.Error);

        var nothing = await Served.Say(served.Terminal(("AGORA_ADMIN_KEY", RunningApi.SecondAdminKey)), "quickstart");
        Assert.Equal((ExitCodes.Wrong, ""), (nothing.Code, nothing.Out));
        Assert.Contains("There is no service yet", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_wrote_moves_no_cursor_and_is_no_formula()
    {
        await served.Say("put-service", "evil", "--body", Support.Catalogue.Service.Replace("Summarizer", "=cmd()", StringComparison.Ordinal));
        Assert.Contains("'=cmd()", (await served.Say("list-all-services", "--csv")).Out, StringComparison.Ordinal);
        Assert.Equal("a\\u001b[2Jb", Agora.Cli.Output.Plain.Text(JsonElement.Parse("\"a\\u001b[2Jb\"")));
        await served.Say("put-service", "evil", "--body", Support.Catalogue.Service.Replace("\"price_cents\"", "\"active\":false,\"price_cents\"", StringComparison.Ordinal));
    }

    public sealed class Served : IAsyncLifetime
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("agora-cli-").FullName;
        private RunningApi _api = null!;

        internal Uri Address => _api.Client.Address;

        internal IReadOnlyList<Operation> Operations => [.. _api.Services.GetRequiredService<OperationTable>().All.Where(operation => operation.Audience is { IsPublished: true, IsPlain: false })];

        public async Task InitializeAsync()
        {
            _api = await RunningApi.Start();
            await _api.Client.Load();
        }

        public async Task DisposeAsync()
        {
            await _api.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }

        internal Client Client => _api.Client;

        internal async Task<string> Cursor() => (await Client.Admin(HttpMethod.Get, "/admin/events")).Expect(200).Data.GetProperty("next_cursor").GetString()!;

        /// <summary>A user of its own does the task, and runs the service once or twice.</summary>
        internal async Task Runs(int count)
        {
            var token = await Client.OpenSession($"user-{Guid.NewGuid():N}");
            await Client.Complete(token);
            for (var i = 0; i < count; i++)
            {
                (await Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input.Replace("long", $"{i}", StringComparison.Ordinal), ("Idempotency-Key", $"run-{i}"))).Expect(200);
            }
        }

        internal Task<(int Code, string Out, string Error)> Say(params string[] arguments) => Say(Terminal(), arguments);

        internal static async Task<(int Code, string Out, string Error)> Say(Terminal terminal, params string[] arguments)
        {
            var (output, error) = (new StringWriter(), terminal.Error as StringWriter ?? new StringWriter());
            var code = await Shell.Run(arguments, terminal with { Out = output, Error = error });
            return (code, output.ToString(), error.ToString());
        }

        /// <summary>With these settings besides its own; each has a folder of its own but for the plain one.</summary>
        internal Terminal Terminal(params (string Name, string? Value)[] settings)
        {
            var all = new Dictionary<string, string?>(StringComparer.Ordinal) { ["AGORA_URL"] = Address.ToString(), ["AGORA_ADMIN_KEY"] = RunningApi.AdminKey, ["AGENT_API_KEY"] = RunningApi.PlatformKey };
            foreach (var (name, value) in settings)
            {
                all[name] = value;
            }

            var folder = settings.Length == 0 ? Path.Combine(_folder, "own") : Path.Combine(_folder, Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            return new(TextReader.Null, TextWriter.Null, TextWriter.Null, null, all.GetValueOrDefault, folder);
        }
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Journal.Memory;
using Agora.Outbound;
using Agora.Proof.Calls;
using Agora.Proof.Keys;
using Agora.Samples.TextService;
using Agora.Silo.Verbs;
using Agora.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Agora.Silo.Tests.Verbs;

public sealed class CheckServiceTests
{
    private const string Known = "agora_check";
    private const string TextService = "{TEXT_SERVICE}";
    private const string Schema = """{"properties":{"done":{"type":"boolean"}}}""";

    public static TheoryData<string, RequestDelegate> Faults => new()
    {
        { "redirects with 302", http => { http.Response.Redirect("http://169.254.169.254/"); return Task.CompletedTask; } },
        { "answers 500, which is not tried again", http => Answer(http, 500, "{}") },
        { "answers 401: it does not accept the signature, which is for http://127.0.0.1:", http => Answer(http, 401, "{}") },
        { "answers 503, also at attempt 3", http => Answer(http, 503, "{}") },
        { "no JSON, or nested deeper than 56", http => Answer(http, 200, new string('[', 57) + new string(']', 57)) },
        { "no JSON", http => Answer(http, 200, "hello") },
        { "not UTF-8", http => Answer(http, 200, "\"\u00fc\"", encoding: Encoding.Latin1) },
        { "answers 400, which is not tried again: {} was sent; give it what it takes by --input JSON", http => Answer(http, 400, "{}") },
        { "too large", Endless },
        { "too large", http => { http.Response.ContentLength = 100_000_000; return Endless(http); } },
        { "twice gives different outcomes", http => Costs(http, "1", $"\"{Guid.NewGuid()}\"") },
        { "not as its output schema says", http => Costs(http, "1", """{"done":"yes"}""") },
        { "unreachable", http => { http.Abort(); return Task.CompletedTask; } },
        { "metered cost missing", http => Answer(http, 200, "{}") },
        { "metered cost over the maximum: 101 of at most 100", http => Costs(http, "101") },
        { "metered cost is no amount", http => Costs(http, "-1") },
        { "charged twice", http => Costs(http, $"{Environment.TickCount64 % 7}.{Random.Shared.Next(1000, 9999)}") },
        { "an input that it does not know: answers 500", async http => await (await Input(http) is var input && input.Contains(Known, StringComparison.Ordinal) ? Answer(http, 500, "{}") : Costs(http, "1")) },
        { "an input that it does not know: answers 405", async http => await (await Input(http) is var input && input.Contains(Known, StringComparison.Ordinal) ? Answer(http, 405, "{}") : Costs(http, "1")) },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_fault_is_named_in_a_line_and_ends_with_1(string named, RequestDelegate service)
    {
        var (code, said) = await Check(service, "--metered", "--output-schema", Schema);

        Assert.Equal(1, code);
        Assert.Contains(said, line => line.StartsWith("fault ", StringComparison.Ordinal) && line.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_keeps_the_contract_has_no_fault_and_that_it_ignores_the_signature_is_a_note()
    {
        var (code, said) = await Check(http => Costs(http, "1.5"), "--metered", "--output-schema", Schema);

        Assert.Equal(0, code);
        Assert.Contains(said, line => line.StartsWith("note ", StringComparison.Ordinal) && line.Contains("ignores the signature", StringComparison.Ordinal));
        Assert.DoesNotContain(said, line => line.StartsWith("fault ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(422, "ok      an input that it does not know is refused with 422")]
    [InlineData(200, "ok      an input that it does not know is answered")]
    public async Task Each_of_the_four_calls_has_a_line(int toUnknown, string last)
    {
        var (code, said) = await Check(async http => await Answer(http, (await Input(http)).Contains(Known, StringComparison.Ordinal) ? toUnknown : 200, "{}"));

        Assert.Equal(0, code);
        var lines = said.Where(static line => line.StartsWith("ok ", StringComparison.Ordinal) || line.Contains("signature", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, lines.Count);
        Assert.Equal((last, "4 calls."), (lines[^1], said[^2][^8..]));
    }

    /// <summary>A live run takes it as JSON too.</summary>
    [Fact]
    public async Task Another_content_type_is_a_note()
    {
        var (code, said) = await Check(http => Answer(http, 200, "{}", "text/plain"));

        Assert.Equal(0, code);
        Assert.Contains(said, line => line.StartsWith("note ", StringComparison.Ordinal) && line.Contains("content type", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_400_to_an_input_that_was_given_does_not_ask_for_one_and_one_of_a_thing_is_not_many()
    {
        var (code, said) = await Check(http => Answer(http, 400, "{}"), "--input", """{"text":"t"}""");

        Assert.Equal(1, code);
        Assert.Contains("fault   answers 400, which is not tried again", said);
        Assert.Contains(said, line => line == "1 fault, 1 note, 1 call.");
    }

    [Theory]
    [InlineData("http://93.184.216.34/", "it is http")]
    [InlineData("http://10.0.0.1/", "its address is not public")]
    [InlineData("https://10.0.0.1/", "its address is not public")]
    public async Task What_is_refused_says_whether_by_http_or_by_its_address(string url, string named)
    {
        var (code, said) = await Check(url, TimeProvider.System);

        Assert.Equal(1, code);
        Assert.Contains(said, line => line.StartsWith("fault ", StringComparison.Ordinal) && line.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_hangs_is_named_after_the_time_of_one_run_and_is_not_called_again()
    {
        var (calls, time) = (0, new SimTimeProvider());
        var (code, said) = await Check(
            async http =>
            {
                calls++;
                time.Advance(Limits.RunDeadline);
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
            },
            time);

        Assert.Equal(1, code);
        Assert.Contains(said, line => line == "fault   hangs: no whole answer within 20 s");
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_service_that_is_slower_than_its_timeout_is_told_from_one_that_hangs()
    {
        var time = new SimTimeProvider();
        var (code, said) = await Check(
            http =>
            {
                time.Advance(TimeSpan.FromMilliseconds(1500));
                return Answer(http, 200, "{}");
            },
            time,
            "--timeout-ms",
            "1000");

        Assert.Equal(1, code);
        Assert.Contains(said, line => line == "fault   too slow: it answered after 1500 ms, timeout_ms is 1000");
    }

    [Fact]
    public async Task A_journal_that_cannot_be_read_is_named_and_ends_with_2_and_where_there_is_none_the_check_has_a_key_of_its_own()
    {
        var data = Directory.CreateTempSubdirectory("agora-check-");
        try
        {
            string[] args = ["http://127.0.0.1:1/", "--data", data.FullName];
            Assert.Equal(1, await CheckService.Run(args)); // nobody listens there
            await File.WriteAllTextAsync(Path.Combine(data.FullName, "master.key"), Convert.ToBase64String(new byte[32]));
            await File.WriteAllTextAsync(Path.Combine(data.FullName, "agora.db"), "no database");

            Assert.Equal(2, await CheckService.Run(args));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>A server may have its master key from its environment alone. Signed by any other key, the check would report a 401 that is none of the service's.</summary>
    [Fact]
    public async Task A_journal_whose_master_key_is_missing_ends_with_2_and_says_which_setting_gives_it()
    {
        var directory = Directory.CreateTempSubdirectory("agora-check-");
        try
        {
            (string, string?)[] given = [("data", directory.FullName), ("AGORA_MASTER_KEY", Convert.ToBase64String(new byte[32]))];
            await using (var journal = await Store.Open(Read(given), new DataDirectory(Read(given))))
            {
                using var keys = new SigningKeys(journal, new byte[32], TimeProvider.System);
                await keys.Load(mayMake: true, CancellationToken.None);
            }

            var refused = await Assert.ThrowsAsync<SettingException>(() => CheckKeys.Open(Read(given[0]), new DataDirectory(Read(given[0]))));
            Assert.StartsWith($"The signing key of the Agora in {directory.FullName} cannot be read without its master key: set AGORA_MASTER_KEY or AGORA_MASTER_KEY_FILE", refused.Message, StringComparison.Ordinal);
            Assert.Equal(2, await CheckService.Run(["http://127.0.0.1:1/", "--data", directory.FullName]));
            await using var own = await CheckKeys.Open(Read(given), new DataDirectory(Read(given)));
            Assert.Equal($"the keys of the Agora in {directory.FullName}", own.Origin);
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        static AgoraSettings Read(params (string Name, string? Value)[] given) =>
            AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(given.Select(one => KeyValuePair.Create(one.Name, one.Value))).Build());
    }

    public static TheoryData<string> Samples => [.. Catalogue().Where(put => put["endpoint"]!.ToString().StartsWith(TextService, StringComparison.Ordinal)).Select(put => put["name"]!.ToString())];

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task The_sample_services_keep_the_contract(string name)
    {
        await using var sample = await TextServiceApp.Start();
        var put = Catalogue().Single(put => put["name"]!.ToString() == name);
        var input = put["input_schema"]!["required"]!.AsArray().ToDictionary(member => member!.ToString(), member => (object)(member!.ToString() == "text" ? "Agora runs services. Sponsors pay for them." : 2));

        var (code, said) = await Check(new Uri(sample.Address, put["endpoint"]!.ToString()[TextService.Length..]).ToString(), TimeProvider.System, "--input", JsonSerializer.Serialize(input), "--output-schema", put["output_schema"]!.ToJsonString(), "--timeout-ms", put["timeout_ms"]!.ToString());

        Assert.True(code == 0, string.Join('\n', said));
        Assert.Contains(said, line => line.EndsWith("4 calls.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("no url")]
    [InlineData("ftp://example.com/")]
    [InlineData("http://127.0.0.1:1/", "--input", "{")]
    [InlineData("http://127.0.0.1:1/", "--header", "Content-Length: 1")]
    [InlineData("http://127.0.0.1:1/", "--timeout-ms", "0")]
    [InlineData("http://127.0.0.1:1/", "--max-cost-cents", "-1")]
    [InlineData("http://127.0.0.1:1/", "--input")]
    [InlineData("http://127.0.0.1:1/", "--output-schema", """{"type":7}""")]
    [InlineData("http://127.0.0.1:1/", "--header", "Signature: x")]
    public async Task Arguments_that_say_nothing_end_with_2(params string[] args) => Assert.Equal(2, await CheckService.Run(args));

    private static Task<(int Code, string[] Said)> Check(RequestDelegate service, params string[] args) => Check(service, TimeProvider.System, args);

    private static async Task<(int Code, string[] Said)> Check(RequestDelegate service, TimeProvider time, params string[] args)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(service);
        await app.StartAsync();
        return await Check(app.Urls.First(), time, args);
    }

    private static async Task<(int Code, string[] Said)> Check(string url, TimeProvider time, params string[] args)
    {
        using var keys = new SigningKeys(new MemoryJournal(time), new byte[32], time);
        await keys.Load(mayMake: true, CancellationToken.None);
        var signer = new CallSigner(keys, time);
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), time, jitter: () => 0, signer: signer);
        using var wrong = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), time, jitter: () => 0, signer: new WrongSigner(signer));
        using var said = new StringWriter();
        var code = await new ServiceCheck(CheckService.Asked.Read([url, .. args]), outbound, wrong, said, time).Run("a test's key");
        return (code, said.ToString().Split(Environment.NewLine));
    }

    private static IEnumerable<JsonNode> Catalogue() => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "catalogue.json")))!["services"]!.AsArray().Select(service => service!["put"]!);

    private static Task Costs(HttpContext http, string cents, string body = "{}")
    {
        http.Response.Headers["Agora-Cost-Cents"] = cents;
        return Answer(http, 200, body);
    }

    private static async Task Answer(HttpContext http, int status, string body, string type = "application/json", Encoding? encoding = null)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        await http.Response.Body.WriteAsync((encoding ?? Encoding.UTF8).GetBytes(body));
    }

    private static async Task Endless(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        var piece = new byte[64 * 1024];
        while (!http.RequestAborted.IsCancellationRequested) await http.Response.Body.WriteAsync(piece, http.RequestAborted);
    }

    private static async Task<string> Input(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        return await reader.ReadToEndAsync();
    }
}

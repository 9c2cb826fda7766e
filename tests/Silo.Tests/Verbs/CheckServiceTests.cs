using System.Text;
using Agora.Journal.Memory;
using Agora.Outbound;
using Agora.Proof.Calls;
using Agora.Proof.Keys;
using Agora.Silo.Verbs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Agora.Silo.Tests.Verbs;

public sealed class CheckServiceTests
{
    private const string Known = "agora_check";

    public static TheoryData<string, RequestDelegate> Faults => new()
    {
        { "redirects with 302", http => { http.Response.Redirect("http://169.254.169.254/"); return Task.CompletedTask; } },
        { "answers 500, which is not tried again", http => Answer(http, 500, "{}") },
        { "answers 503, also at attempt 3", http => Answer(http, 503, "{}") },
        { "no JSON", http => Answer(http, 200, "hello") },
        { "not UTF-8", http => Answer(http, 200, "\"\u00fc\"", encoding: Encoding.Latin1) },
        { "wrong content type", http => Answer(http, 200, "{}", "text/html") },
        { "too large", Endless },
        { "too large", http => { http.Response.ContentLength = 100_000_000; return Endless(http); } },
        { "twice gives different outcomes", http => Answer(http, 200, $"\"{Guid.NewGuid()}\"") },
        { "metered cost missing", http => Answer(http, 200, "{}") },
        { "metered cost over the maximum: 101 of at most 100", http => Costs(http, "101") },
        { "metered cost is no amount", http => Costs(http, "-1") },
        { "charged twice", http => Costs(http, $"{Environment.TickCount64 % 7}.{Random.Shared.Next(1000, 9999)}") },
        { "an input that it does not know: answers 500", async http => await (await Input(http) is var input && input.Contains(Known, StringComparison.Ordinal) ? Answer(http, 500, "{}") : Costs(http, "1")) },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_fault_is_named_in_a_line_and_ends_with_1(string named, RequestDelegate service)
    {
        var (code, said) = await Check(service, metered: true);

        Assert.Equal(1, code);
        Assert.Contains(said, line => line.StartsWith("fault ", StringComparison.Ordinal) && line.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_keeps_the_contract_has_no_fault_and_that_it_ignores_the_signature_is_a_note()
    {
        var (code, said) = await Check(http => Costs(http, "1.5"), metered: true);

        Assert.Equal(0, code);
        Assert.Contains(said, line => line.StartsWith("note ", StringComparison.Ordinal) && line.Contains("ignores the signature", StringComparison.Ordinal));
        Assert.DoesNotContain(said, line => line.StartsWith("fault ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_hangs_is_named_after_the_time_of_one_run_and_is_not_called_again()
    {
        var calls = 0;
        var (code, said) = await Check(async http => { Interlocked.Increment(ref calls); await Task.Delay(Timeout.Infinite, http.RequestAborted); }, metered: false);

        Assert.Equal(1, code);
        Assert.Contains(said, line => line.Contains("hangs: no whole answer within 20 s", StringComparison.Ordinal));
        Assert.Equal(1, calls);
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
    public async Task Arguments_that_say_nothing_end_with_2(params string[] args) => Assert.Equal(2, await CheckService.Run(args));

    private static async Task<(int Code, string[] Said)> Check(RequestDelegate service, bool metered)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(service);
        await app.StartAsync();
        using var keys = new SigningKeys(new MemoryJournal(TimeProvider.System), new byte[32], TimeProvider.System);
        await keys.Load(mayMake: true, CancellationToken.None);
        var signer = new CallSigner(keys, TimeProvider.System);
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), TimeProvider.System, signer: signer);
        using var wrong = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), TimeProvider.System, signer: new WrongSigner(signer));
        var asked = CheckService.Asked.Read([app.Urls.First(), .. metered ? (string[])["--metered"] : []]);
        using var said = new StringWriter();
        var code = await new ServiceCheck(asked, outbound, wrong, said, TimeProvider.System).Run("a test's key");
        return (code, said.ToString().Split(Environment.NewLine));
    }

    private static Task Costs(HttpContext http, string cents)
    {
        http.Response.Headers["Agora-Cost-Cents"] = cents;
        return Answer(http, 200, "{}");
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

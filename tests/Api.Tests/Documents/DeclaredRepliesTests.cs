using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Documents;

/// <summary>The client of these tests holds each reply to the document; here the document, or the reply, is made wrong, and that is found.</summary>
public sealed class DeclaredRepliesTests(OpenApiTests.Published published) : IClassFixture<OpenApiTests.Published>
{
    private const string Wallets = """{"status":"success","request_id":"r","data":{"wallets":[],"total_count":0,"total_count_unknown":null,"offset":0,"limit":50},"next_actions":[]}""";

    [Fact]
    public void What_is_declared_has_no_fault() => Assert.Empty(Faults(Wallets));

    [Theory]
    [InlineData("\"total_count\":0", "\"total_count\":\"0\"", "/data/total_count")]
    [InlineData("\"total_count\":0,", "", "total_count")]
    [InlineData("\"wallets\":[]", "\"wallets\":[],\"odd\":1", "/data/odd")]
    [InlineData("\"next_actions\":[]", "\"next_actions\":[{}]", "/next_actions/0")]
    public void A_body_against_its_schema_is_found(string said, string instead, string place) => Assert.Contains(Faults(Wallets.Replace(said, instead, StringComparison.Ordinal)), fault => fault.Contains(place, StringComparison.Ordinal));

    [Fact]
    public void A_status_a_form_a_code_and_headers_that_are_not_declared_are_found()
    {
        Assert.Contains("418 is not declared", Faults(Wallets, (HttpStatusCode)418));
        Assert.Contains("text/html is not declared", Faults(Wallets, type: "text/html"));
        Assert.Contains("run_cancelled is not declared", Faults(published.Document["components"]!["examples"]!["run_cancelled"]!["value"]!.ToJsonString(), HttpStatusCode.Unauthorized));
        Assert.Contains("the header X-Odd is not declared", Faults(Wallets, headers: ("X-Odd", "1")));
        Assert.Contains(Faults(Wallets, headers: ("Content-Language", "tlh")), fault => fault.StartsWith("the header Content-Language: ", StringComparison.Ordinal));
        Assert.Contains("the header X-Request-Id is missing", Faults(Wallets, named: false));
    }

    private IReadOnlyList<string> Faults(string body, HttpStatusCode status = HttpStatusCode.OK, string type = "application/json", bool named = true, params (string Name, string Value)[] headers)
    {
        using var reply = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, type) };
        foreach (var (name, value) in headers.Concat(named ? [("X-Request-Id", "r"), ("Agora-Version", "1")] : []))
        {
            if (!reply.Headers.TryAddWithoutValidation(name, value))
            {
                reply.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return new DeclaredReplies((JsonObject)published.Document.DeepClone()).Faults("GET", "/admin/wallets?limit=1", reply, Encoding.UTF8.GetBytes(body));
    }
}

using System.Text.Json;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Tests.Http;

public sealed class ReplyTests
{
    public static TheoryData<string> AllCodes => [.. Refusals.AllCodes];

    [Theory]
    [MemberData(nameof(AllCodes))]
    public async Task Every_documented_code_has_a_status_and_the_envelope(string code)
    {
        var (status, json, _) = await Written(Reply.Refused(new(code, "Why.")));

        Assert.InRange(status, 400, 504);
        var error = json.GetProperty("error");
        Assert.Equal(["code", "message", "details", "retry_allowed", "retry", "retry_after_seconds", "next_actions"], error.EnumerateObject().Select(m => m.Name));
        Assert.Equal(code == Codes.ValidationFailed ? JsonValueKind.Array : JsonValueKind.Null, error.GetProperty("details").ValueKind);
    }

    [Fact]
    public void There_are_38_documented_codes() => Assert.Equal(38, Refusals.AllCodes.Count);

    [Theory]
    [InlineData(950_000, "95")]
    [InlineData(2_500, "0.25")]
    [InlineData(1, "0.0001")]
    [InlineData(0, "0")]
    [InlineData(1_000_000_000_000_000, "100000000000")]
    public void Amounts_are_printed_in_shortest_form(long micros, string json) => Assert.Equal(json, JsonSerializer.Serialize(new Cents(micros), ApiJson.Options));

    [Fact]
    public void Times_are_printed_in_UTC_to_the_microsecond() =>
        Assert.Equal("\"2030-01-01T10:30:00.120000Z\"", JsonSerializer.Serialize(new DateTimeOffset(2030, 1, 1, 12, 30, 0, 120, TimeSpan.FromHours(2)), ApiJson.Options));

    [Theory]
    [InlineData("2030-01-31T00:00:00Z", true)]
    [InlineData("2030-01-31T00:00:00.123456+05:30", true)]
    [InlineData("2030-01-31T00:00:00", false)]
    [InlineData("2030-01-31", false)]
    [InlineData("2030-02-30T00:00:00Z", false)]
    [InlineData(" 2030-01-31T00:00:00Z", false)]
    public void Times_are_read_with_their_offset_only(string text, bool isTime) => Assert.Equal(isTime, Rfc3339.TryParse(text, out _));

    [Fact]
    public async Task Facts_of_a_refusal_are_members_of_details_numbers_as_they_are()
    {
        var (_, json, _) = await Written(Reply.Refused(new Rejection(Codes.BudgetExceeded, "Why.", Facts: [new("limit", "session"), new("remaining_cents", "0.25", Raw: true)])));

        Assert.Equal("""{"limit":"session","remaining_cents":0.25}""", json.GetProperty("error").GetProperty("details").GetRawText());
    }

    [Fact]
    public async Task Retry_after_is_a_header()
    {
        var (status, json, headers) = await Written(Reply.Refused(new(Codes.RateLimited, "Wait.", RetryAfterSeconds: 7)));

        Assert.Equal((429, "7"), (status, headers.RetryAfter.ToString()));
        Assert.True(json.GetProperty("error").GetProperty("retry_allowed").GetBoolean());
    }

    private static async Task<(int Status, JsonElement Json, IHeaderDictionary Headers)> Written(Reply reply)
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        await new ReplyWriter(new(), new(100, 10)).Write(http, reply);
        return (http.Response.StatusCode, JsonDocument.Parse(body.ToArray()).RootElement, http.Response.Headers);
    }
}

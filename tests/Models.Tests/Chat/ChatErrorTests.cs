using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.Chat;

public sealed class ChatErrorTests
{
    [Theory]
    [InlineData(400, """{"error":{"message":"bad","type":"invalid_request_error","param":"tools","code":null}}""", FaultKind.InvalidRequest, "bad")]
    [InlineData(400, """{"error":{"message":"long","code":"context_length_exceeded"}}""", FaultKind.InvalidRequest, "long")]
    [InlineData(400, """{"error":{"message":"no","code":"content_filter"}}""", FaultKind.ContentFilter, "no")]
    [InlineData(400, """[{"error":{"code":400,"message":"google","status":"INVALID_ARGUMENT"}}]""", FaultKind.InvalidRequest, "google")]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-abc***xyz."}}""", FaultKind.Unauthorized, "The provider does not take the operator's key for this.")]
    [InlineData(403, """{"error":"no"}""", FaultKind.Unauthorized, "The provider does not take the operator's key for this.")]
    [InlineData(400, """{"error":{"message":"key sk-1","code":"invalid_api_key"}}""", FaultKind.Unauthorized, "The provider does not take the operator's key for this.")]
    [InlineData(402, """{"error":{"message":"Insufficient Balance"}}""", FaultKind.OutOfQuota, "Insufficient Balance")]
    [InlineData(404, """{"error":{"message":"The model does not exist","code":"model_not_found"}}""", FaultKind.NotFound, "The model does not exist")]
    [InlineData(413, "", FaultKind.TooLarge, "The provider answered 413.")]
    [InlineData(422, """{"detail":"wrong"}""", FaultKind.InvalidRequest, "wrong")]
    [InlineData(429, """{"error":{"message":"quota","type":"insufficient_quota","code":"insufficient_quota"}}""", FaultKind.OutOfQuota, "quota")]
    [InlineData(429, """{"error":{"message":"Limit reached in organization org-abc on requests"}}""", FaultKind.RateLimited, "Limit reached in organization org-… on requests")]
    [InlineData(500, "<html>", FaultKind.Failed, "The provider answered 500.")]
    [InlineData(503, """{"object":"error","message":"busy","code":503}""", FaultKind.Overloaded, "busy")]
    [InlineData(529, "null", FaultKind.Overloaded, "The provider answered 529.")]
    [InlineData(302, "", FaultKind.Failed, "The provider answered 302.")]
    public void An_error_is_read_by_its_status_and_body(int status, string body, FaultKind kind, string message)
    {
        var fault = new ChatWire(true).ReadError(status, ChatSamples.Bytes(body), 7);

        Assert.Equal((kind, message, 7), (fault.Kind, fault.Message, fault.RetryAfterSeconds));
    }

    [Fact]
    public void A_long_message_is_cut_between_characters()
    {
        var message = "a" + string.Concat(Enumerable.Repeat("😀", 2_000));
        var fault = new ChatWire(true).ReadError(500, ChatSamples.Bytes($$"""{"error":"{{message}}"}"""), -1);

        Assert.Equal(ModelLimits.ErrorLength - 1, fault.Message.Length);
        Assert.Null(fault.RetryAfterSeconds);
    }

    [Fact]
    public void An_error_is_written_with_its_facts() => Assert.Equal(
        """{"error":{"message":"No room.","type":"insufficient_quota","param":"max_tokens","code":"budget_exceeded","available_micros":"12","needed_micros":"40"}}""",
        ChatSamples.Written(into => new ChatCompletions().WriteError(
            new(DialectErrorKind.BudgetExceeded, "budget_exceeded", "No room.", "max_tokens", [("available_micros", "\"12\""), ("needed_micros", "\"40\"")]), into)));

    [Fact]
    public void A_budget_without_room_is_402_which_no_client_sends_again() => Assert.Equal(402, new ChatCompletions().StatusOf(DialectErrorKind.BudgetExceeded));

    [Fact]
    public void Every_kind_of_error_has_a_status_and_a_type()
    {
        foreach (var kind in Enum.GetValues<DialectErrorKind>())
        {
            Assert.InRange(new ChatCompletions().StatusOf(kind), 400, 599);
            Assert.Contains("\"type\":\"", ChatSamples.Written(into => new ChatCompletions().WriteError(new(kind, "c", "m"), into)), StringComparison.Ordinal);
        }
    }
}

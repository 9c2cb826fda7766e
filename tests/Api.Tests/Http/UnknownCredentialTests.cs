using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Http;

/// <summary>A 401 says whether a credential is missing or was sent and is not known here. It says the same of every credential that is not known.</summary>
public sealed class UnknownCredentialTests
{
    private const string NotKnown = "is not known here";
    private static readonly string?[] Wrong = ["unknown", "agt_unknown", "agt_s1.1893456000.c2lnbmF0dXJl", "agk_agent-1.c2VjcmV0", RunningApi.TestGptKey];

    [Theory]
    [InlineData("GET", "/admin/users", "An operator's key is required")]
    [InlineData("GET", "/agent/services", "A valid session token is required")]
    [InlineData("POST", "/agent/auth", "An agent's key is required")]
    [InlineData("GET", "/agents", "An agent's own key or a session's token is required")]
    public async Task A_credential_that_is_not_known_is_told_apart_from_one_that_is_missing(string method, string path, string required)
    {
        await using var api = await RunningApi.Start();
        var missing = await Refused(api, method, path, null);
        Assert.StartsWith(required, missing.Error.GetProperty("message").GetString(), StringComparison.Ordinal);

        foreach (var wrong in Wrong)
        {
            var refused = await Refused(api, method, path, wrong);
            var message = refused.Error.GetProperty("message").GetString()!;
            Assert.Contains(NotKnown, message, StringComparison.Ordinal);
            Assert.Contains(" is required: Authorization: Bearer ", message, StringComparison.Ordinal); // of a peers' route the form of the credential says which
            Assert.Equal(missing.ActionNames, refused.ActionNames);
        }
    }

    [Fact]
    public async Task A_chats_key_that_is_not_known_is_told_apart_from_one_that_is_missing()
    {
        await using var api = await RunningApi.Start();
        const string Required = "A chat's key is required: Authorization: Bearer ";
        var missing = (await api.Client.Get("/gpt/services", "")).Json.GetProperty("error").GetProperty("details").GetProperty("reason").GetString();
        Assert.StartsWith(Required, missing, StringComparison.Ordinal);
        foreach (var wrong in new[] { "unknown", RunningApi.PlatformKey })
        {
            var refused = await api.Client.Get("/gpt/services", wrong);
            Assert.Equal(401, refused.Status);
            var reason = refused.Json.GetProperty("error").GetProperty("details").GetProperty("reason").GetString();
            Assert.Contains(NotKnown, reason, StringComparison.Ordinal);
            Assert.Contains(Required, reason, StringComparison.Ordinal);
        }
    }

    private static async Task<Support.Received> Refused(RunningApi api, string method, string path, string? key) =>
        (await api.Client.Send(new(method), path, key, method == "POST" ? "{}" : null)).Refused(401, Codes.Unauthorized);
}

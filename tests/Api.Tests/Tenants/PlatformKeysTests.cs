using Agora.Api.Tests.Support;
using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Received = Agora.Api.Tests.Support.Received;

namespace Agora.Api.Tests.Tenants;

/// <summary>A tenant may have several platform keys: each has a namespace of Idempotency-Keys of its own.</summary>
public sealed class PlatformKeysTests : IAsyncLifetime
{
    private const string Key = "the-same";
    private RunningApi _api = null!;

    public async Task InitializeAsync() => _api = await RunningApi.Start();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_session_that_one_key_opened_is_no_repeat_of_the_others()
    {
        var own = (await Open(RunningApi.SecondPlatformKey, 100)).Expect(201);
        var other = (await Open(RunningApi.SecondOtherPlatformKey, 100)).Expect(201);

        Assert.Null(other.Header("Idempotent-Replayed"));
        Assert.NotEqual(Session(own), Session(other));
        Assert.Equal(Session(own), Session((await Open(RunningApi.SecondPlatformKey, 100)).Expect(201)));
        Assert.Equal(Session(other), Session((await Open(RunningApi.SecondOtherPlatformKey, 100)).Expect(201)));
    }

    [Fact]
    public async Task Another_body_is_a_conflict_only_under_the_same_key()
    {
        (await Open(RunningApi.SecondPlatformKey, 100)).Expect(201);

        (await Open(RunningApi.SecondOtherPlatformKey, 50)).Expect(201);

        (await Open(RunningApi.SecondPlatformKey, 50)).Refused(409, Codes.IdempotencyConflict);
    }

    [Fact]
    public async Task A_repeat_of_what_AGENT_API_KEY_opened_before_keys_had_names_finds_its_session()
    {
        var body = Body(100);
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Path) = ("POST", "/agent/auth");
        var sent = Commands.Keyed(Tenant.Default, Key, "platform", IdempotencyKeys.BodyHash(new ReceivedRequest(request.HttpContext), System.Text.Encoding.UTF8.GetBytes(body)), TimeSpan.FromHours(1), TimeProvider.System);
        var open = new UserCommand.OpenSession("agent-1", new RequestedScopes(["*"], ["*"], ["*"], ["*"], null), 1_000_000, 3_600, Vouched: true, Openers.Platform);
        var before = Assert.IsType<SessionOpened>((await _api.Services.GetRequiredService<IEntities>().In(Tenant.Default).User("user-1").Send(open, sent)).Reply);

        var after = (await Open(RunningApi.PlatformKey, 100)).Expect(201);

        Assert.Equal((before.SessionId, "true"), (Session(after), after.Header("Idempotent-Replayed")));
    }

    private Task<Received> Open(string key, int cents) => _api.Client.Post("/agent/auth", key, Body(cents), (IdempotencyKeys.Header, Key));

    private static string Body(int cents) => $$$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":{{{cents}}}}}""";

    private static string Session(Received opened) => opened.Data.GetProperty("session_id").GetString()!;
}

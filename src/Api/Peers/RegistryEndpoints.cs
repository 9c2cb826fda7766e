using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Peers;

/// <summary>The registry: what agents say of themselves under keys of their own, who is there, and who offers what.</summary>
internal sealed class RegistryEndpoints(IEntities entities, Catalogues catalogues) : IFeature
{
    private const string CardExample = "eyJhbGciOiJFZERTQSIsInR5cCI6ImFnb3JhLWNhcmQiLCJraWQiOiJrUHJLX3FteFZXYVlWQTl3d0JGNkl1bzN2Vnp6N1R4SENUd1hCeWdyUzRrIn0.eyJhZ2VudF9pZCI6ImFnZW50LTEiLCJ2ZXJzaW9uIjoxLCJuYW1lIjoiVHJhbnNsYXRvciIsImRlc2NyaXB0aW9uIjoiVHJhbnNsYXRlcyB0ZXh0cyIsInNraWxscyI6W3siaWQiOiJ0cmFuc2xhdGUiLCJuYW1lIjoiVHJhbnNsYXRpb24iLCJkZXNjcmlwdGlvbiI6IkZyb20gYW55IGxhbmd1YWdlIGludG8gYW55IG90aGVyIiwidGFncyI6WyJ0ZXh0Il19XSwiZW5kcG9pbnRzIjpbeyJwcm90b2NvbCI6ImEyYSIsInVybCI6Imh0dHBzOi8vYWdlbnQuZXhhbXBsZS9hMmEifV0sInNpZ25pbmdfa2V5Ijp7Imt0eSI6Ik9LUCIsImNydiI6IkVkMjU1MTkiLCJ4IjoiMTFxWUFZS3hDcmZWU183VHlXUUhPZzdoY3ZQYXBpTWxyd0lhYVBjSFVSbyJ9LCJlbmNyeXB0aW9uX2tleSI6eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ4IjoiaFNEd0NZa3dwMVIwaTMzY3RENzNXZzJfT2cwbU9CcjA2NlNwanFxYlRtbyIsImtpZCI6IjIwMjYtMTEifSwiY3JlYXRlZF9hdCI6IjIwMjYtMTEtMjJUMDA6MDA6MDBaIn0.apMGWdCuDkxI-jDpR6CKIGlD--37g6mqYYMc67SHlCO2Cvb-UBy7RCPy489o2JL6Z9owwxnoxbqavo9zRH9rCA";
    private const string Registration = """
        {"agent_id":"agent-1","name":"Translator","description":"Translates texts","version":1,"skills":[{"skill_id":"translate","name":"Translation","description":"From any language into any other","tags":["text"],"input_modes":[],"output_modes":[],"weight":null}],"endpoints":[{"protocol":"a2a","url":"https://agent.example/a2a"}],"signing_key":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":null},"encryption_key":{"kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo","kid":"2026-11"},"key_thumbprint":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","status":"gone","online_until":null,"card":"eyJhbGciOiJFZERTQSIsInR5cCI6ImFnb3JhLWNhcmQiLCJraWQiOiJrUHJLX3FteFZXYVlWQTl3d0JGNkl1bzN2Vnp6N1R4SENUd1hCeWdyUzRrIn0.eyJhZ2VudF9pZCI6ImFnZW50LTEiLCJ2ZXJzaW9uIjoxLCJuYW1lIjoiVHJhbnNsYXRvciIsImRlc2NyaXB0aW9uIjoiVHJhbnNsYXRlcyB0ZXh0cyIsInNraWxscyI6W3siaWQiOiJ0cmFuc2xhdGUiLCJuYW1lIjoiVHJhbnNsYXRpb24iLCJkZXNjcmlwdGlvbiI6IkZyb20gYW55IGxhbmd1YWdlIGludG8gYW55IG90aGVyIiwidGFncyI6WyJ0ZXh0Il19XSwiZW5kcG9pbnRzIjpbeyJwcm90b2NvbCI6ImEyYSIsInVybCI6Imh0dHBzOi8vYWdlbnQuZXhhbXBsZS9hMmEifV0sInNpZ25pbmdfa2V5Ijp7Imt0eSI6Ik9LUCIsImNydiI6IkVkMjU1MTkiLCJ4IjoiMTFxWUFZS3hDcmZWU183VHlXUUhPZzdoY3ZQYXBpTWxyd0lhYVBjSFVSbyJ9LCJlbmNyeXB0aW9uX2tleSI6eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ4IjoiaFNEd0NZa3dwMVIwaTMzY3RENzNXZzJfT2cwbU9CcjA2NlNwanFxYlRtbyIsImtpZCI6IjIwMjYtMTEifSwiY3JlYXRlZF9hdCI6IjIwMjYtMTEtMjJUMDA6MDA6MDBaIn0.apMGWdCuDkxI-jDpR6CKIGlD--37g6mqYYMc67SHlCO2Cvb-UBy7RCPy489o2JL6Z9owwxnoxbqavo9zRH9rCA","rotations":[],"revocation":null,"created_at":"2026-11-22T00:00:00.000000Z","registered_at":"2026-11-22T00:00:00.000000Z","updated_at":"2026-11-22T00:00:00.000000Z"}
        """;

    public static readonly Operation<CardRequest> Register = new(Audience.Peers, "register_agent", "PUT /agents/{agent_id}", "Register an agent's card, signed by its key; what stands then is shown")
    {
        Read = CardRequest.Read,
        Peers = static _ => null,
        PlatformVouches = true,
        Codes = [Codes.Forbidden, Codes.KeyMismatch],
        Data = typeof(RegistrationData),
        BodyExample = $$"""{"card":"{{CardExample}}"}""",
        DataExample = Registration,
    };

    public static readonly Operation<AgentSearch> List = new(Audience.Peers, OperationNames.FindAgents, "GET /agents", "Find registered agents, ranked")
    {
        ListsIds = ["agent_id"],
        Advice = "Find agents; q searches, skill names what they must offer.",
        Read = AgentSearch.Read,
        Peers = static _ => null,
        PlatformVouches = true,
        Data = typeof(RegisteredAgentsData),
        DataExample = """{"agents":[{"agent_id":"agent-1","name":"Translator","description":"Translates texts","skills":[{"skill_id":"translate","name":"Translation","description":"From any language into any other","tags":["text"],"input_modes":[],"output_modes":[],"weight":null}],"status":"online","version":1,"relevance_score":0.7}],"total_count":1,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Get = new(Audience.Peers, "get_registered_agent", "GET /agents/{agent_id}", "An agent's card, its signatures, and whether it is there")
    {
        Read = static call => call.Id("agent_id"),
        Peers = static _ => null,
        PlatformVouches = true,
        Codes = [Codes.NotFound],
        Data = typeof(RegistrationData),
        DataExample = Registration,
    };

    public static readonly Operation<(string AgentId, int Seconds)> Beat = new(Audience.Peers, "heartbeat", "POST /agents/{agent_id}/heartbeat", "Say that the agent is there, and for how long")
    {
        Read = static call => (call.Id("agent_id"), call.Body.Integer("lease_seconds", "It is online for so long; send it again before half of that is over.", Limits.LeaseSecondsLeast, Limits.LeaseSecondsMost, 60) ?? 60),
        Peers = static _ => null,
        Codes = [Codes.Forbidden, Codes.NotFound, Codes.KeyMismatch],
        Data = typeof(LeaseData),
        BodyExample = """{"lease_seconds":60}""",
        DataExample = """{"agent_id":"agent-1","status":"online","online_until":"2026-11-22T00:01:00.000000Z","lease_seconds":60}""",
    };

    public static readonly Operation<RevocationRequest> Revoke = new(Audience.Peers, "revoke_agent", "POST /agents/{agent_id}/revoke", "Revoke an agent's keys for ever, by a word that one of them signs: no card of the agent counts any more")
    {
        Read = RevocationRequest.Read,
        Peers = static _ => null,
        PlatformVouches = true,
        Codes = [Codes.Forbidden, Codes.NotFound, Codes.KeyMismatch],
        Data = typeof(RegistrationData),
        BodyExample = """{"revocation":"eyJhbGciOiJFZERTQSIsInR5cCI6ImFnb3JhLWNhcmQtcmV2b2NhdGlvbiIsImtpZCI6ImtQcktfcW14VldhWVZBOXd3QkY2SXVvM3ZWeno3VHhIQ1R3WEJ5Z3JTNGsifQ.eyJhZ2VudF9pZCI6ImFnZW50LTEifQ.GfThl4UikWNQokXDuZHSjZQI7DFX1kmU6zLq2spTPpDJAto3yYEOCytPtQYsI4uvAcA51PZ1N3pBEd6wPtpSCg"}""",
        DataExample = Registration,
    };

    private static readonly Rejection NotItself = new(Codes.Forbidden, "An agent says this of itself only: the path names another.");
    private static readonly Rejection TooMany = new Rejection(Codes.Unavailable, $"The tenant has {Limits.CardsOfTenant} registered agents, and takes no more.", RetryWith: RetryWith.Never).AtMost("cards", Limits.CardsOfTenant);

    private static readonly IReadOnlyList<string> UntrustedOfList =
        ["data.agents[].name", "data.agents[].description", "data.agents[].skills[].name", "data.agents[].skills[].description", "data.agents[].skills[].tags", "data.agents[].skills[].input_modes", "data.agents[].skills[].output_modes"];

    public void Map(Routes routes) => routes.Map(Register, PutCard).Map(List, Find).Map(Get, Show).Map(Beat, TakeLease).Map(Revoke, RevokeCard);

    private async Task<Reply> PutCard(PeerCall call, CardRequest request)
    {
        if (call.AgentId != request.AgentId) return Reply.Refused(NotItself);

        var (findings, registry) = (new Findings(), catalogues.Agents(call.Tenant));
        if (Cards.Verify(request.AgentId, request.Card!, request.Rotations, findings) is not { } verified) return Reply.Refused(findings.Refusal!);
        if (registry.Find(request.AgentId) is null && registry.Count >= Limits.CardsOfTenant) return Reply.Refused(TooMany);

        return Shown(call, await Agent(call, request.AgentId).Send(new AgentCommand.PutCard(verified.Card), call.Context(Limits.ClientKeyKept)));
    }

    private Task<Reply> Find(PeerCall call, AgentSearch search)
    {
        var (found, total) = catalogues.Agents(call.Tenant).Search(search.Text, search.Skill, search.Status, search.Page, call.Now);
        var agents = found.Select(hit => new FoundAgentData(
            hit.Entry.Card.AgentId, hit.Entry.Content.Name, hit.Entry.Content.Description, SkillData.Of(hit.Entry.Content), AgentStatuses.Of(hit.Entry.Card, call.Now), hit.Entry.Content.Version, Math.Round(hit.Relevance, 4)));
        return Task.FromResult(Reply.Ok(new RegisteredAgentsData([.. agents], total, search.Page.Offset, search.Page.Limit)) with { UntrustedFields = UntrustedOfList });
    }

    private Task<Reply> Show(PeerCall call, string agentId) => Task.FromResult(
        catalogues.Agents(call.Tenant).Find(agentId) is { } entry ? Reply.Ok(RegistrationData.Of(entry, call.Now)) with { UntrustedFields = RegistrationData.Untrusted } : Reply.Refused(AgentRejection.NoCard));

    private async Task<Reply> TakeLease(PeerCall call, (string AgentId, int Seconds) beat)
    {
        if (call.AgentId != beat.AgentId) return Reply.Refused(NotItself);

        var answer = await Agent(call, beat.AgentId).Send(new AgentCommand.TakeLease(beat.Seconds), call.Context(Limits.ClientKeyKept));
        if (answer.Rejection is { } refused) return Reply.Refused(refused);

        var (lease, registry) = (answer.As<AgentLease>(), catalogues.Agents(call.Tenant));
        if (registry.Find(beat.AgentId) is { } known)
        {
            registry.Put(known.Card with { LeaseUntil = lease.Until, LeaseSeconds = lease.Seconds, UpdatedAt = lease.Until.AddSeconds(-lease.Seconds) });
        }

        return Reply.Ok(LeaseData.Of(beat.AgentId, lease)) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> RevokeCard(PeerCall call, RevocationRequest revoke)
    {
        if (call.AgentId != revoke.AgentId) return Reply.Refused(NotItself);
        if (catalogues.Agents(call.Tenant).Find(revoke.AgentId) is not { } known) return Reply.Refused(AgentRejection.NoCard);

        var (findings, signed) = (new Findings(), known.Card.Signed);
        return Cards.VerifyRevocation(revoke.AgentId, revoke.Word!, revoke.Rotations is [] ? signed.Rotations : revoke.Rotations, signed.Genesis, findings) is not { } genesis
            ? Reply.Refused(findings.Refusal!)
            : Shown(call, await Agent(call, revoke.AgentId).Send(new AgentCommand.RevokeCard(revoke.Word!, genesis), call.Context(Limits.ClientKeyKept)));
    }

    private EntityRef<AgentCommand> Agent(PeerCall call, string agentId) => entities.In(call.Tenant).Agent(agentId);

    private Reply Shown(PeerCall call, Answer answer)
    {
        if (answer.Rejection is { } refused) return Reply.Refused(refused);

        var card = answer.As<AgentCard>();
        catalogues.Agents(call.Tenant).Put(card);
        return Reply.Ok(RegistrationData.Of(new(card, Cards.Content(card.Signed.Jws)), call.Now)) with { UntrustedFields = RegistrationData.Untrusted, Replayed = answer.Replayed };
    }
}

/// <param name="Card">Null: it could not be read.</param>
internal sealed record CardRequest(string AgentId, string? Card, IReadOnlyList<string> Rotations)
{
    public const string Wanted = "A compact JSON Web Signature (RFC 7515) is wanted here: three parts in base64url, with points between them.";

    public static CardRequest Read(Call call) => new(
        call.Id("agent_id"),
        call.Body.Formatted("card", "The card, signed by its own signing_key: a compact JWS of typ agora-card.", Limits.CardCharacters, Cards.IsCompact, Wanted),
        RotationsOf(call, "Each names the key that follows, signed by the key before it, from the first key on: compact JWS of typ agora-key-rotation."));

    public static IReadOnlyList<string> RotationsOf(Call call, string meaning) => call.Body.Formatted("rotations", meaning, Limits.CardRotations, Limits.KeyWordCharacters, Cards.IsCompact, Wanted);
}

/// <param name="Word">Null: it could not be read.</param>
/// <param name="Rotations">Empty: those that stand.</param>
internal sealed record RevocationRequest(string AgentId, string? Word, IReadOnlyList<string> Rotations)
{
    public static RevocationRequest Read(Call call) => new(
        call.Id("agent_id"),
        call.Body.Formatted("revocation", "{agent_id}, signed by the agent's first key or one that rotations lead to: a compact JWS of typ agora-card-revocation.", Limits.KeyWordCharacters, Cards.IsCompact, CardRequest.Wanted),
        CardRequest.RotationsOf(call, "Those that lead from the first key to the one that signs, where they are none of those that stand; compact JWS of typ agora-key-rotation."));
}

internal sealed record AgentSearch(string? Text, string? Skill, string? Status, Page Page)
{
    public static AgentSearch Read(Call call) => new(
        call.Query.Text("q", "Words to search for; absent or empty: all agents."),
        call.Query.Id("skill", "Only agents that offer the skill of this id."),
        call.Query.OneOf("status", "Only agents that are there so.", AgentStatuses.Found),
        call.Query.Page());
}

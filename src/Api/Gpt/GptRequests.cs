using Agora.Application.Operations;
using Agora.Application.Runs;
using Agora.Application.Services;
using Agora.Application.Sessions;
using Agora.Application.Tasks;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Gpt;

/// <summary>What requests of chats are read as: those of agents, with the session that they name. The gate has looked at that, and at what makes one the same as another.</summary>
internal static class GptRequests
{
    private const string TokenMeaning = "The session_token that signing in gave.";
    private const string AgainMeaning = "Leave it out. The same request is done and paid once; a new id here makes it another one, which is done anew. Only where the person asks for that.";
    private static readonly int MaxAge = (int)Limits.SessionMaxAge.TotalSeconds;

    public static AuthRequest SignIn(Call call)
    {
        var body = call.Body;
        var user = body.Id("user_id", "Who the person is, by the id that this chat was given for them. Ask for it; never make one up.");
        var budget = body.Cents("budget_limit_cents", "The most that a new session may cost; absent: what the person has allowed this chat.", required: false);
        var seconds = body.Integer("expires_in_seconds", "How long a new session lives.", 1, MaxAge, absent: MaxAge) ?? MaxAge;
        return new(null, user, new RequestedScopes(null, null, null, null), budget, seconds, EndOldest: true);
    }

    public static ServiceSearch Services(Call call)
    {
        Token(call.Query);
        return new(call.Query.Text("q", "Words to search for; absent: all services."), null, null, null, false, false, false, new(call.Query.Offset(), call.Query.Limit()));
    }

    public static string Task(Call call)
    {
        Token(call.Query);
        return call.Id("campaign_id");
    }

    public static CompleteRequest Complete(Call call)
    {
        Token(call.Body);
        return CompleteRequest.Read(call);
    }

    public static RunRequest Run(Call call)
    {
        Token(call.Body);
        var input = call.Body.Any("input", "What the service is given; its input_schema says what.", required: true);
        var most = call.Body.Cents("max_price_cents", "The most that the person said it may cost. Without it only sponsors pay.", required: false);
        return new(call.Id("service_id"), input, null, most, null);
    }

    public static NoFields Status(Call call)
    {
        Token(call.Query);
        return default;
    }

    private static void Token(QueryFields query) => _ = query.Text(GptTokens.Member, TokenMeaning, GptTokens.Length, required: true);

    private static void Token(Fields body)
    {
        _ = body.Formatted(GptTokens.Member, TokenMeaning, GptTokens.Length, GptTokens.IsToken, "It is a UUID.", required: true, GptTokens.Pattern);
        _ = body.Id("request_id", AgainMeaning, required: false);
    }
}

using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>What a person is told of a refusal, whatever the request was: what it means for them, and what they can do.</summary>
internal static class PlainWords
{
    public const string Wrong = "Something about this request is not right, so nothing was done.";
    public const string NotSignedIn = "You are not signed in any more. Please sign in again.";
    public const string NoKey = "This chat's key is missing, or is not known here. The operator of the chat has to set it.";
    public const string SignInAgain = "The session is over. Sign the person in again: POST /gpt/auth.";
    public const string Again = "This cannot be answered right now. Please try again in a moment; nothing is paid twice.";
    public const string OtherInput = "The service cannot use what was sent to it. Nothing was paid; please say it differently.";

    public static string Of(Rejection refusal) => Refusals.IsOfInput(refusal) ? OtherInput : GptGate.Required.IsSaidBy(refusal) ? NoKey : Of(refusal.Code);

    public static string Of(string code) => code switch
    {
        Codes.Unauthorized or Codes.SessionExpired or Codes.SessionRevoked or Codes.TestReset => NotSignedIn,
        Codes.PaymentRequired => "Nobody pays for this yet. Maybe a sponsor does once you have done its task, or you say what it may cost.",
        Codes.ScopeViolation => "You have not allowed this chat to do that.",
        Codes.GrantExceeded => "You have not allowed this chat to do that, or not so much of it.",
        Codes.SessionSuspended => "This chat may not do anything for you right now.",
        Codes.NotEligible => "This is not meant for you.",
        Codes.BudgetExceeded => "This costs more than is left of what you allow.",
        Codes.NotFound => "There is nothing of that name.",
        Codes.DuplicateRequest => "This was asked for a moment ago, and is not done twice.",
        Codes.TaskAlreadyCompleted => "You have done this task before.",
        Codes.RewardsExhausted => "The sponsor of this task has no money left for it.",
        Codes.RunCancelled => "This was cancelled. Nothing was paid.",
        Codes.RateLimited => "That is too much at once. Please wait a moment.",
        Codes.UpstreamFailed or Codes.UpstreamTimeout => "The service did not do it. Nothing was paid; please try again in a moment.",
        Codes.Internal => "Something went wrong on our side. Please try again; nothing is paid twice.",
        Codes.Unavailable or Codes.IdempotencyInFlight => Again,
        _ => Wrong,
    };
}

using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>Why a campaign refuses, in order of precedence. Sentences are for agents and operators: no name or number of a third party is in them.</summary>
public static class CampaignRejection
{
    // Operators' commands.

    public static Rejection NotFound() => new(Codes.NotFound, "There is no such campaign.");

    public static Rejection Changed() => Invalid("", "closed", "A closed campaign cannot be changed or funded.");

    public static Rejection AmountOutOfRange() => Invalid("/amount_cents", "range", "The amount must be positive, and all that was ever funded together must not exceed 100000000000 cents.");

    public static Rejection LimitOutOfRange(string path) => Invalid(path, "range", "An amount must be between 0 and 100000000000 cents.");

    // Holds and completions: whether the id can still be decided (FundRejection) comes before what it asks for.

    // Holds.

    public static Rejection NotOpen() => Unpaid("The campaign does not pay now: it is closed, inactive, not yet started or over.");

    public static Rejection NotCovered() => Unpaid("The campaign does not pay for this service.");

    public static Rejection NotEligible() => new(Codes.NotEligible, "The campaign is not for this user.");

    public static Rejection PriceAboveMaximum() => Unpaid("The price is above what the campaign pays for this service.");

    public static Rejection DailyCapReached() => Unpaid("The campaign's cap for today is reached.");

    public static Rejection EscrowShort() => Unpaid("The campaign has not enough left to pay for this run.");

    // Completions.

    public static Rejection TaskNotOpen() => new(Codes.NotFound, "The campaign takes no completions: it is closed, inactive, not yet started or over.");

    public static Rejection EnoughCompletions() => new(Codes.NotEligible, "The campaign has all the completions it wants.");

    private static Rejection Unpaid(string message) => new(Codes.PaymentRequired, message);

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

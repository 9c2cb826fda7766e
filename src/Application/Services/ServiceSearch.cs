using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Search;

namespace Agora.Application.Services;

/// <summary>What services are searched for.</summary>
internal sealed record ServiceSearch(string? Text, string? Category, string? Provider, long? MaxPriceMicros, bool OnlySponsored, bool OnlyPreferred, bool OutOfScopeToo, Page Page)
{
    public static ServiceSearch Read(Call call) => new(
        call.Query.Text("q", "Words to search for; absent or empty: all services."),
        call.Query.Text("category", "Only services of this category."),
        call.Query.WalletId("provider", "Only services of this provider."),
        call.Query.Cents("max_price_cents", "At most this price."),
        call.Query.Flag("sponsored", "Only what a sponsor would pay for."),
        call.Query.Flag("preferred", "Only what the user prefers, by category or provider; nothing, where the session may not use the data type preferences."),
        call.Query.Flag("include_out_of_scope", "Also services of categories that the session may not use."),
        call.Query.Page());

    /// <summary>Without it more may be found.</summary>
    public bool IsNarrowed => this is not { Text: null or "", Category: null, MaxPriceMicros: null, OnlySponsored: false, Page.Offset: 0 };

    public SearchQuery Query(FlowState flow) => new()
    {
        Text = Text,
        Category = Category,
        Provider = Provider,
        Preferred = flow.Preferred,
        OnlyPreferred = OnlyPreferred,
        MaxPriceMicros = MaxPriceMicros,
        AllowedCategories = OutOfScopeToo || ScopeRules.IsAll(flow.Session.Scopes.Categories) ? null : flow.Session.Scopes.Categories,
        Boosts = flow.Lifted(),
        IsLifted = group => flow.IsLiftedLater((SponsorGroup)group),
        OnlyLifted = OnlySponsored,
        Offset = Page.Offset,
        Limit = Page.Limit,
    };
}

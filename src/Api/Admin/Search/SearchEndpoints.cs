using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Search;

/// <summary>One question for whoever has an id, a key, an amount or a name, and does not know of what.</summary>
internal sealed class SearchEndpoints(TableReader tables, Catalogues catalogues, KeyedSearch keys) : IFeature
{
    private const string Meaning = "Any id or its first characters, an Idempotency-Key, a transaction's hash, an amount (25 is cents, $0.25 dollars), or a name of a service, campaign, sponsor or owner.";

    public static readonly Operation<string> Find = new(Audience.Operators, "search", "GET /admin/search", "Find whatever has this id, key, amount or name")
    {
        Read = Text,
        Data = typeof(SearchData),
        DataExample = SearchData.Example,
    };

    public void Map(Routes routes) => routes.Map(Find, Search);

    private static string Text(Call call)
    {
        var text = call.Query.Text("q", Meaning, Limits.SearchLength, required: true) ?? "";
        if (DisplayText.HasHiddenCharacters(text))
        {
            call.Query.Violate("q", "pattern", "It has characters that nobody sees.");
        }

        return text;
    }

    private async Task<Reply> Search(OperatorCall call, string text)
    {
        var own = tables.In(call.Tenant);
        var found = await new Finder(own, catalogues.In(call.Tenant), key => keys.Find(call.Tenant, own, key, call.Cancel), text, call.Cancel).Find();
        return Reply.Ok(new SearchData(found, Limits.SearchResults, found.Count > 0 ? null : call.Said(ListReasons.NotFound)));
    }
}

using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Core.Users;

namespace Agora.Web.Lists;

/// <summary>Why a list is empty: something that it is narrowed to is not there, or the filters leave nothing, or there is nothing yet.</summary>
internal sealed class EmptyLists(TableReader tables, Catalogues catalogues, StoredAgents agents)
{
    /// <param name="nothing">What would put something in it.</param>
    public async Task<string> Because(OperatorCall call, ListRequest asked, ListPage page, string nothing)
    {
        if (page.Next is not null) return ListPage.LookFurther;
        if (asked.Cursor is not null || page.Matched > 0) return ListReasons.ListEnds;

        foreach (var (name, id) in asked.Filters.Said)
        {
            if (await Missing(call, name, id) is { } missing) return missing;
        }

        return asked.Filters.Said switch
        {
            [] => nothing,
            [var (only, _)] => ListReasons.NothingOf(only),
            var said => ListReasons.NothingOfAll(string.Join(", ", said.Select(filter => filter.Name))),
        };
    }

    private async Task<string?> Missing(OperatorCall call, string name, string id)
    {
        var own = tables.In(call.Tenant);
        var catalogue = catalogues.In(call.Tenant);
        return name switch
        {
            "user_id" when await own.One(UserTables.Users, call.Cancel, TableReader.Is(name, id)) is null => ListReasons.NoUser(id),
            "session_id" when await own.One(UserTables.Sessions, call.Cancel, TableReader.Is(name, id)) is null => ListReasons.NoSession(id),
            "agent_id" when !await agents.IsThere(call.Tenant, id, call.Cancel) => ListReasons.NoAgent(id),
            "campaign_id" when catalogue.Campaign(id) is null => ListReasons.NoCampaign(id),
            "service_id" when catalogue.Service(id) is null => ListReasons.NoService(id),
            _ => null,
        };
    }
}

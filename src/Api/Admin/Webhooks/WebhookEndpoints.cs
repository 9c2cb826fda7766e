using System.Security.Cryptography;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Crypto.Webhooks;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Admin.Webhooks;

/// <summary>Addresses that are told what happens, and the secrets that sign it. A secret is shown once; what is kept of it is sealed.</summary>
internal sealed class WebhookEndpoints(IEntities entities, TableReader tables, IFeed feed) : IFeature
{
    public static readonly Operation<WebhookRequest> Put = new(Audience.Operators, "put_webhook", "PUT /admin/webhooks/{webhook_id}", "Put a webhook: where to tell what happens; putting it enables it again")
    {
        Read = WebhookRequest.Read,
        Data = typeof(WebhookData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"url":"https://books.example/agora","types":["run.failed","run.succeeded"],"description":"Bookkeeping"}""",
        DataExample = WebhookData.Example,
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_webhook", "A webhook as it is now, and what waits for it", static call => call.Id("webhook_id"));

    public static readonly Operation<Change<string>> Patch = Edits.Merge(Put, "patch_webhook", "Change a webhook: what is not named stays; like putting it, this enables it again", static call => call.Id("webhook_id"), """{"active":false}""");

    public static readonly Operation<Page> List = new(Audience.Operators, "list_webhooks", "GET /admin/webhooks", "List webhooks")
    {
        ListsIds = ["webhook_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(WebhooksData),
        DataExample = $$"""{"webhooks":[{{WebhookData.Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Delete = new(Audience.Operators, "delete_webhook", "DELETE /admin/webhooks/{webhook_id}", "Delete a webhook: it is told nothing more, and what waits for it is dropped")
    {
        Read = static call => call.Id("webhook_id"),
        Data = typeof(DeletedWebhookData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"webhook_id":"books"}""",
    };

    public static readonly Operation<SecretRequest> Issue = new(Audience.Operators, "issue_webhook_secret", "POST /admin/webhooks/{webhook_id}/secrets", "Give a webhook a new secret; a replay shows secret as null")
    {
        GivesSecret = true,
        Read = SecretRequest.Read,
        Data = typeof(IssuedSecretData),
        Status = StatusCodes.Status201Created,
        Codes = AdminFlow.Mutation,
        BodyExample = """{"overlap_seconds":3600}""",
        DataExample = """{"secret_id":"0198c0de","secret":"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDE8TlKPf1GSA=","public_key":"whpk_OGoVpxDnC2+y6+4dcFsc9q9ITLTF19ch0tUiCH9BWDQ=","issued_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    private static readonly Rejection TooMany = new Rejection(
        Codes.ValidationFailed, $"There are {Limits.Webhooks} webhooks already: delete one first.", [new("", "max_items", $"There are {Limits.Webhooks} webhooks already: delete one first.")]).AtMost("webhooks", Limits.Webhooks);

    private readonly Editing<string, WebhookRequest, WebhookCommand, WebhookView> _edits = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).Webhook(id),
        Find = async (call, id) => Found.Of<WebhookView>(
            await entities.In(call.Tenant).Webhook(id).Send(new WebhookCommand.Get(), call.Fresh()), view => WebhookData.Of(view) with { Links = Links.Of(("deliveries", $"/admin/webhooks/{id}/deliveries"), Links.Acts(id)) }),
        IdOf = static put => put.WebhookId,
        Path = static id => [id],
        Command = static (put, replacing) => new WebhookCommand.Put(put.Definition, put.From, replacing),
        Etag = static view => view.Etag,
        Data = static (_, view) => WebhookData.Of(view),
    };

    public void Map(Routes routes) => routes.Map(Put, PutWebhook).Map(Get, _edits.Read).Map(Patch, _edits.Merge).Map(List, ListWebhooks).Map(Delete, DeleteWebhook).Map(Issue, IssueSecret);

    private async Task<Reply> PutWebhook(OperatorCall call, WebhookRequest put)
    {
        var there = await tables.In(call.Tenant).First(WebhookTables.Webhooks, [], [TableReader.Is("deleted", 0L)], Limits.Webhooks, call.Cancel);
        return there.Count >= Limits.Webhooks && !there.Any(row => row.Text("webhook_id") == put.WebhookId)
            ? Reply.Refused(TooMany)
            : await _edits.Replace(call, put with { From = await feed.FeedEnd(call.Cancel) });
    }

    private async Task<Reply> ListWebhooks(OperatorCall call, Page page)
    {
        var (rows, total) = await tables.In(call.Tenant).Page(WebhookTables.Webhooks, page, [new("webhook_id")], call.Cancel, TableReader.Is("deleted", 0L));
        var answers = await Task.WhenAll(rows.Select(row => entities.In(call.Tenant).Webhook(row.Text("webhook_id")).Send(new WebhookCommand.Get(), call.Fresh())));
        return Reply.Ok(new WebhooksData([.. answers.Select(answer => answer.Reply).OfType<WebhookView>().Select(WebhookData.Of)], total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
    }

    private Task<Reply> DeleteWebhook(OperatorCall call, string webhookId) =>
        call.Send<WebhookCommand, WebhookDeleted>(entities.In(call.Tenant).Webhook(webhookId), new WebhookCommand.Delete(), deleted => new DeletedWebhookData(deleted.WebhookId));

    private async Task<Reply> IssueSecret(OperatorCall call, SecretRequest request)
    {
        var seed = RandomNumberGenerator.GetBytes(WebhookKey.SeedBytes);
        using var key = new WebhookKey(seed);
        return await call.Send<WebhookCommand, WebhookSecretView>(
            entities.In(call.Tenant).Webhook(request.WebhookId),
            new WebhookCommand.IssueSecret(Personal.Of(Convert.ToBase64String(seed)), key.PublicKey, request.OverlapSeconds),
            (issued, replayed) => Task.FromResult(Reply.Created(new IssuedSecretData(issued.SecretId, replayed ? null : key.Secret, issued.PublicKey, issued.IssuedAt))));
    }
}

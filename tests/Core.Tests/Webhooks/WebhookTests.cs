using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Webhook = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookCommand, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Tests.Webhooks;

public sealed class WebhookTests
{
    private static readonly WebhookDefinition Books = new("https://books.example/agora", ["run.succeeded"], null, Active: true);
    private static readonly Personal Seed = Personal.Of("c2VlZA==");

    [Fact]
    public void A_webhook_is_what_was_put_last_and_the_same_again_changes_nothing()
    {
        var webhook = New();
        webhook.When(new WebhookCommand.Get()).ThenRejected(WebhookRejection.NotFound)
            .When(Put(Books)).ThenAnswered<WebhookView>(view => Assert.Equal((Books, Webhook.Start), (view.Definition, view.UpdatedAt)))
            .After(TimeSpan.FromHours(1)).When(Put(Books)).Then()
            .When(Put(Books with { Active = false })).ThenAnswered<WebhookView>(view => Assert.Equal((false, webhook.Now), (view.Definition.Active, view.UpdatedAt)));
    }

    [Fact]
    public void One_that_is_made_is_told_what_comes_behind_the_cursor_and_one_that_is_there_goes_on_where_it_was()
    {
        var webhook = New().When(Put(Books, "here"));
        Assert.Equal("here", webhook.State.Cursor);
        webhook.When(Put(Books with { Description = "Bookkeeping" }, "there"));
        Assert.Equal("here", webhook.State.Cursor);
    }

    [Fact]
    public void What_was_deleted_is_not_there_and_made_again_it_has_nothing_of_before()
    {
        var webhook = Working();
        webhook.When(new WebhookCommand.Delete()).ThenAnswered(new WebhookDeleted("books"))
            .When(new WebhookCommand.Get()).ThenRejected(WebhookRejection.NotFound)
            .When(new WebhookCommand.Delete()).ThenRejected(WebhookRejection.NotFound)
            .When(new WebhookCommand.GetSecrets()).ThenRejected(WebhookRejection.NotFound)
            .When(new WebhookCommand.IssueSecret(Seed, "whpk_1", 0)).ThenRejected(WebhookRejection.NotFound)
            .When(Put(Books, "anew"));
        Assert.Equal(("anew", 0, 0), (webhook.State.Cursor, webhook.State.Secrets.Length, webhook.State.Waiting.Count));
    }

    [Fact]
    public void Nothing_is_told_without_a_secret()
    {
        var webhook = New().When(Put(Books));
        Assert.False(webhook.State.Delivers);
        webhook.When(new WebhookCommand.IssueSecret(Seed, "whpk_1", 60));
        Assert.True(webhook.State.Delivers);
    }

    [Fact]
    public void A_former_secret_signs_beside_the_new_one_while_it_overlaps()
    {
        var webhook = Working().When(new WebhookCommand.IssueSecret(Personal.Of("bmV3"), "whpk_2", 60));
        Signing(webhook, 2);
        Signing(webhook.After(TimeSpan.FromSeconds(60)), 1);
        Signing(webhook.When(new WebhookCommand.IssueSecret(Seed, "whpk_3", 0)), 1);
    }

    /// <summary>One that leaked has a short overlap: a rotation after it must give it no longer one.</summary>
    [Fact]
    public void A_secret_whose_overlap_has_begun_ends_when_it_was_to_end_also_where_another_one_follows()
    {
        var webhook = Working().When(new WebhookCommand.IssueSecret(Personal.Of("bmV3"), "whpk_2", 60)).When(new WebhookCommand.IssueSecret(Personal.Of("bmV3ZXI="), "whpk_3", 3_600));
        Signing(webhook, 3);
        Signing(webhook.After(TimeSpan.FromSeconds(60)), 2);
        Signing(webhook.After(TimeSpan.FromHours(1)), 1);
    }

    [Fact]
    public void Nothing_is_told_to_one_that_is_not_active_until_it_is_again()
    {
        var webhook = Working().When(Put(Books with { Active = false }));
        Assert.Empty(WebhookDecider.Ongoing(webhook.State, webhook.Now));
        webhook.When(Put(Books));
        Assert.Single(WebhookDecider.Ongoing(webhook.State, webhook.Now));
    }

    [Fact]
    public void No_more_secrets_sign_at_once_than_there_may_be_and_none_overlaps_for_too_long()
    {
        var webhook = Working().When(new WebhookCommand.IssueSecret(Seed, "whpk_x", Limits.WebhookOverlapSeconds + 1)).ThenRejected(WebhookRejection.OverlapOutOfRange);
        for (var i = 0; i < Limits.WebhookSecrets + 2; i++)
        {
            webhook.When(new WebhookCommand.IssueSecret(Seed, "whpk_y", 3_600));
        }

        Signing(webhook, Limits.WebhookSecrets);
    }

    internal static Webhook New() => Webhook.Of(new(StreamId.DefaultTenant, Kinds.Webhook, "books")).Natural(static command => command is WebhookCommand.Put or WebhookCommand.Get);

    internal static Webhook Working() => New().When(Put(Books)).When(new WebhookCommand.IssueSecret(Seed, "whpk_1", 0));

    internal static WebhookCommand Put(WebhookDefinition definition, string from = "start") => new WebhookCommand.Put(definition, from);

    private static void Signing(Webhook webhook, int number) => webhook.When(new WebhookCommand.GetSecrets()).ThenAnswered<WebhookSecrets>(secrets => Assert.Equal(number, secrets.Seeds.Count));
}

// Script of a media type of the type "Webhook". Its parameters, besides `url` (https://HOST/alerts/NAME)
// and `key`: event_id {EVENT.ID}, value {EVENT.VALUE}, severity {EVENT.NSEVERITY}, name {EVENT.NAME},
// host {HOST.NAME}, tags {EVENT.TAGSJSON}.
var params = JSON.parse(value), request = new HttpRequest(), answer;
request.addHeader('Content-Type: application/json');
request.addHeader('X-Pikett-Key: ' + params.key);
answer = request.post(params.url, JSON.stringify({
    event_id: params.event_id,
    value: params.value,
    severity: params.severity,
    name: params.name,
    host: params.host,
    tags: params.tags
}));
if (request.getStatus() !== 202) {
    throw 'Pikett answered ' + request.getStatus() + ': ' + answer;
}
return 'OK';

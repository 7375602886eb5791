import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from show import client_of, control, ended, push, read, refused, report, segments, until

c = client_of('aws-ivs')
keys = {'aws_access_key_id': c['accessKeyId'], 'aws_secret_access_key': c['secretAccessKey'], 'region_name': c['region']}
ivs = boto3.client('ivs', endpoint_url=c['endpoint'], **keys)
s3 = boto3.client('s3', endpoint_url=c['s3Endpoint'], config=Config(signature_version='s3v4'), **keys)


def code_of(call):
    try:
        call()
    except ClientError as error:
        return error.response['Error']['Code']
    return 'none'


made = ivs.create_recording_configuration(destinationConfiguration={'s3': {'bucketName': c['recordingBucket']}})
recording = made['recordingConfiguration']['arn']
until(lambda: ivs.get_recording_configuration(arn=recording)['recordingConfiguration']['state'] == 'ACTIVE')

# boto3 itself tries again, twice.
control('POST', '/faults', {'vendor': 'aws-ivs', 'operation': 'CreateChannel', 'kind': 'throttle', 'times': 2})
made = ivs.create_channel(
    name='clients', insecureIngest=True, type='BASIC', recordingConfigurationArn=recording, tags={'team': 'clients'}
)
channel, key = made['channel'], made['streamKey']
arn = channel['arn']
url = c['ingestUrl'] + key['value']
prefix = f"ivs/v1/{c['accountId']}/{arn.rsplit('/', 1)[1]}/"


def objects(ending):
    pages = s3.get_paginator('list_objects_v2').paginate(Bucket=c['recordingBucket'], Prefix=prefix)
    return [o['Key'] for page in pages for o in page.get('Contents', []) if o['Key'].endswith(ending)]


encoder = push(url)
stream = until(lambda: next((s for s in ivs.list_streams()['streams'] if s['channelArn'] == arn), None))
live = ivs.get_stream(channelArn=arn)['stream']
session = ivs.get_stream_session(channelArn=arn, streamId=live['streamId'])['streamSession']
until(lambda: ivs.get_stream_session(channelArn=arn)['streamSession'].get('ingestConfiguration'))
until(lambda: objects('.ts'))

ivs.delete_stream_key(arn=key['arn'])
ivs.stop_stream(channelArn=arn)
end = ended(encoder)
offline = code_of(lambda: ivs.get_stream(channelArn=arn))
sessions = until(
    lambda: [s for s in ivs.list_stream_sessions(channelArn=arn)['streamSessions'] if s.get('endTime')]
)

until(lambda: objects('/events/recording-ended.json'))
playlists = objects('.m3u8')
master = next(p for p in playlists if p.endswith('/hls/master.m3u8'))
text = s3.get_object(Bucket=c['recordingBucket'], Key=master)['Body'].read().decode()
signed = s3.generate_presigned_url('get_object', Params={'Bucket': c['recordingBucket'], 'Key': master})
played = segments(c['playbackBaseUrl'] + '/' + master, text)

ivs.delete_channel(arn=arn)
report(
    tags=channel['tags'],
    stream=stream['state'],
    sessionOf=session['channel']['arn'] == arn,
    encoder=end['reason'],
    offline=offline,
    sessions=len(sessions),
    refused=refused(url),
    segments=played,
    sameSigned=read(signed).decode() == text,
    gone=code_of(lambda: ivs.get_channel(arn=arn)),
)
